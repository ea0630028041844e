#!/bin/sh
# Makes the stack's secrets, those that are missing: random, in docker/secrets, or in the folder that is named.
#
# The folder is closed to all but its owner. The files in it are not: they are mounted into containers one by one,
# whose users are others than the owner.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

random() { od -An -v -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }
secret() {
  [ -s "$folder/$1" ] && return
  printf '%s\n' "$2" > "$folder/$1.new"
  chmod 444 "$folder/$1.new"
  mv "$folder/$1.new" "$folder/$1"
}

for role in temporis temporis_token temporis_predict; do
  secret "database-url-$role" "postgres://$role:$(random 24)@postgres:5432/temporis"
done
secret token-peppers "1:$(random 32)"
secret demo-password "$(random 12)"
