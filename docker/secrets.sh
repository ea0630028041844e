#!/bin/sh
# Makes the stack's secrets, those that are missing, in docker/secrets, or in the folder that is named: random ones, and
# an identity for each process.
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
secret operator-password "$(random 12)"

# Certificates by which the services know each other, for a year; those that have less than a month left are replaced.
# All of them come from one authority, whose key is gone afterwards, so that nobody can ever make another.
workloads="token-service auth-verifier predict-service api-gateway client"
days=365
certificates_are_good() {
  for name in $workloads; do
    [ "$(openssl pkey -pubout -in "$folder/identity-$name.key")" \
        = "$(openssl x509 -pubkey -noout -in "$folder/identity-$name.pem")" ] \
      && openssl x509 -checkend $((30 * 86400)) -noout -in "$folder/identity-$name.pem" \
      && openssl verify -CAfile "$folder/identity-ca.pem" "$folder/identity-$name.pem" || return 1
  done > /dev/null 2>&1
}
certify() { # certify NAME USAGE [ALTERNATIVE NAMES]
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=Temporis/CN=$1" \
    -keyout "$new/identity-$1.key" -out "$new/request"
  openssl x509 -req -in "$new/request" -CA "$new/identity-ca.pem" -CAkey "$new/ca.key" -days $days \
    -set_serial "0x$(random 16)" -sha256 -extfile /dev/stdin -out "$new/identity-$1.pem" <<END
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = $2
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = URI:spiffe://temporis.internal/$1${3:+, $3}
END
}
make_certificates() {
  openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days $days -config /dev/stdin \
    -keyout "$new/ca.key" -out "$new/identity-ca.pem" <<END
[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
O = Temporis
CN = Temporis authority $(random 4)
[extensions]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
subjectAltName = URI:spiffe://temporis.internal
END
  for name in $workloads; do
    case $name in
      api-gateway | client) certify "$name" clientAuth ;;
      *) certify "$name" "serverAuth, clientAuth" "DNS:$name, DNS:localhost, IP:127.0.0.1, IP:::1" ;;
    esac
  done
}
if ! certificates_are_good; then
  rm -rf "$folder"/new.*
  new=$(mktemp -d "$folder/new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  # Not as a condition, in which the first failure would not end it.
  set +e
  (set -e; make_certificates) > "$new/log" 2>&1
  status=$?
  set -e
  rm -f "$new/ca.key"
  [ $status -eq 0 ] || { cat "$new/log" >&2; exit 1; }
  chmod 444 "$new"/identity-*
  # The authority first: when this is cut short, what is still of another one is seen the next time.
  mv -f "$new/identity-ca.pem" "$folder"
  mv -f "$new"/identity-* "$folder"
fi
