#!/bin/sh
# Owns the MariaDB server of one test process, from its creation to its removal.
# A process of its own, because nothing that the test process could do by
# itself works when it panics, runs into its timeout or is killed. This one
# reads ports from a pipe which only the test process holds open: whatever
# ends that process closes the pipe.
#
# $1  mariadbd
# $2  mariadb-install-db
# $3  directory for the data, made for this run and removed at its end; holds
#     server.cnf and init.sql
#
# Answers on standard output, a word per line: "created" once, then for each
# port read "started" or "refused". Or "failed", and what was said.

# An interrupted test run, or one that no longer listens, must still be
# cleaned up after.
trap '' HUP INT TERM PIPE

mariadbd=$1 install=$2 directory=$3 server=

start() { # port
	: >log
	"$mariadbd" --defaults-file="$directory/server.cnf" --init-file="$directory/init.sql" --port="$1" </dev/null >>log 2>&1 &
	server=$!
	# Said once it listens, and has done what init.sql says.
	until grep -q 'ready for connections' log; do
		kill -0 "$server" 2>/dev/null || return 1
		sleep 0.05
	done
}

cd "$directory" || exit

if "$install" --defaults-file="$directory/server.cnf" --auth-root-authentication-method=normal \
	--skip-test-db --skip-name-resolve </dev/null >log 2>&1; then
	echo created
	while read -r port; do
		if start "$port"; then echo started; else echo refused; fi
	done
	# Nothing of it is kept: it need not end in order.
	[ -z "$server" ] || kill -KILL "$server" 2>/dev/null
	wait
else
	echo failed
	cat log
fi
cd / && rm -rf "$directory"
