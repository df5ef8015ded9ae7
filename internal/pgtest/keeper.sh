#!/bin/sh
# Owns the PostgreSQL server of one test process, from initdb to its removal.
# A process of its own, because nothing that the test process could do by
# itself works when it panics, runs into its timeout or is killed. This one
# reads ports from a pipe which only the test process holds open: whatever
# ends that process closes the pipe.
#
# $1  directory of the server's binaries
# $2  directory for the data, made for this run and removed at its end
#
# Answers on standard output, a word per line: "created" once, then for each
# port read "started" or "refused". Or "failed", and what initdb said.

# An interrupted test run, or one that no longer listens, must still be
# cleaned up after.
trap '' HUP INT TERM PIPE

bin=$1 directory=$2

create() { # further options of initdb
	"$bin/initdb" -D data --username=postgres --pwfile=password --auth=scram-sha-256 \
		--encoding=UTF8 --locale=C --no-sync "$@" </dev/null >>log 2>&1
}

start() { # port
	"$bin/pg_ctl" start --silent --wait -D data -l log -o "-p $1" </dev/null >/dev/null 2>&1
}

cd "$directory" || exit

# Text in a linguistic order, as on every real server. A version before 15, or
# one built without ICU, gets the order of bytes.
if create --locale-provider=icu --icu-locale=fr-FR || create; then
	cat >>data/postgresql.conf <<-'CONF'
		listen_addresses = '127.0.0.1'
		unix_socket_directories = ''
		max_connections = 200
		# Nothing here outlives a crash.
		fsync = off
		full_page_writes = off
		synchronous_commit = off
		# Hostile on purpose: see the package's comment.
		TimeZone = 'Europe/Paris'
		DateStyle = 'SQL, DMY'
	CONF
	echo created
	while read -r port; do
		if start "$port"; then echo started; else echo refused; fi
	done
	"$bin/pg_ctl" stop --silent --wait --mode=immediate -D data </dev/null >/dev/null 2>&1
else
	echo failed
	cat log
fi
cd / && rm -rf "$directory"
