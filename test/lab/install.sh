#!/bin/sh
# Installs what the tests need, where something is missing: the programs that unit tests hold ours against, Ansible,
# and what the lab is built with. For Debian and Ubuntu, as root. No service that comes along is started.
set -eu

needed='
  age
  ansible
  ansible-core
  apt-utils
  busybox-static
  chromium
  cron
  curl
  debian-archive-keyring
  file
  iproute2
  mmdebstrap
  openssh-client
  openssh-server
  pebble
  procps
  python3-jinja2
  shellcheck
  ssh-audit
  sudo
  systemd-container
  time
  util-linux
  wget
'

missing=
for package in $needed; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "lab: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
own_policy=
clean_up() {
  rm -f "$log" $own_policy
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [ ! -e $policy ]; then
  own_policy=$policy
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 0755 $policy
fi
# shellcheck disable=SC2086 # a list of package names
if ! { apt-get -q update && apt-get -q -y --no-install-recommends install $missing; } >"$log" 2>&1; then
  cat "$log" >&2
  echo 'lab: apt-get failed, see above' >&2
  exit 1
fi
