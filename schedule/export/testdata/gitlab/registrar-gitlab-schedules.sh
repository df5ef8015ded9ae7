#!/bin/sh
# written by registrar schedule export
#
# Creates the pipeline schedules with glab, in the project of the working directory.
# Usage: sh registrar-gitlab-schedules.sh [BRANCH]
set -eu
ref=${1:-main}
if glab api --paginate projects/:fullpath/pipeline_schedules | grep -q '"description":"registrar-'; then
	echo 'The project has pipeline schedules of registrar: delete those first (glab schedule list, glab schedule delete ID).' >&2
	exit 1
fi
create() {
	glab schedule create --ref "$ref" --description "$1" --cron "$2" --cronTimeZone "$3" --variable "REGISTRAR_SCHEDULE:$4"
}
create registrar-working-hours '*/15 6-19 * * 1-5' Europe/Paris registrar-working-hours
create registrar-nights '30 2 * * *' Europe/Paris registrar-nights
create registrar-nights-2 '0 4 * * 1-6' Europe/Paris registrar-nights
create registrar-nights-3 '0 3,4 * * 0' Europe/Paris registrar-nights
create registrar-nights-4 '30 0 * 10 0' Etc/UTC registrar-nights
create registrar-celcat-a-b-terms-ddc48050 '0 23 * */3 5' Europe/Paris registrar-celcat-a-b-terms-ddc48050
create registrar-celcat-a-b-terms-ddc48050-2 '0 23 1,15 */3 *' Europe/Paris registrar-celcat-a-b-terms-ddc48050
