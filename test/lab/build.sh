#!/bin/bash
# Builds what the lab's hosts are made of into DIR: pool/ (packages to install offline), bare/ (a Debian
# without Python) and python/ (the same with it, so that Ansible can manage it).
# Run it in a mount namespace of its own, so that an interrupted build leaves no mount behind.
# Usage: unshare --mount build.sh DIR SUITE ROOT_PASSWORD OPS_PASSWORD
set -euo pipefail
umask 022

target=$1 suite=$2 root_password=$3 ops_password=$4
here=$(dirname "$(readlink -f "$0")")
dir=$target.partial

# One builds and the others wait; what stands under its final name is whole.
exec 9>"$(dirname "$target")/lock"
flock 9
[ ! -e "$target" ] || exit 0
rm -rf "$(dirname "$target")"/*.partial
mkdir "$dir"

base=acl,ca-certificates,cron,dbus,iproute2,libpam-systemd,netbase,openssh-server,openssl,procps,rsyslog,sudo,systemd,systemd-sysv
pool='certbot curl docker-compose docker.io fail2ban firewalld iptables logrotate lynis netplan.io nftables nginx nginx-light postgresql prometheus prometheus-alertmanager prometheus-node-exporter prometheus-postgres-exporter python3-apt python3-certbot-nginx python3-psycopg2 rsync systemd-timesyncd ufw unattended-upgrades age'

mkdir "$dir/pool"
export LAB_POOL="$dir/pool" LAB_PACKAGES="$pool"
# shellcheck disable=SC2016 # the hook's own shell expands them
mmdebstrap --quiet --mode=root --variant=minbase --include="$base" --dpkgopt=force-unsafe-io \
  --customize-hook='mkdir "$LAB_POOL/partial" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get --quiet --yes \
    --no-install-recommends --download-only -o Dir::Cache::Archives="$LAB_POOL/" install $LAB_PACKAGES' \
  "$suite" "$dir/bare"
rm -rf "$dir/pool/partial" "$dir/pool/lock"
"$here/tiny_packages.sh" "$dir/pool"
(cd "$dir/pool" && apt-ftparchive packages . >Packages)

inside() { # ROOT COMMAND...
  chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "${@:2}"
}

root=$dir/bare
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/resolv.conf" "$root/etc/hostname" \
  "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap" "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root"/etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/debs ./' >"$root/etc/apt/sources.list"
mkdir -p "$root/srv/debs"

# What every boot or login would make.
ln -s /etc/machine-id "$root/var/lib/dbus/machine-id"
mkdir -p "$root/var/lib/systemd/linger"

inside "$root" usermod --password "$(openssl passwd -6 "$root_password")" root
# -N: no group named ops, which playbooks like to make.
inside "$root" useradd --create-home --shell /bin/bash admin
inside "$root" useradd --create-home --shell /bin/bash -N --groups sudo --password "$(openssl passwd -6 "$ops_password")" ops
echo 'admin ALL=(ALL:ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/admin"
chmod 0440 "$root/etc/sudoers.d/admin"

inside "$root" systemctl --quiet enable systemd-networkd.service ssh.service
inside "$root" systemctl --quiet mask systemd-networkd-wait-online.service

finish() { # ROOT [PACKAGE...]: from the pool
  mount --bind -o ro "$dir/pool" "$1/srv/debs"
  local status=0
  { inside "$1" apt-get --quiet update && { [ $# = 1 ] || inside "$1" apt-get --quiet --yes --no-install-recommends \
    -o Dpkg::Options::=--force-unsafe-io install "${@:2}"; }; } || status=$?
  umount "$1/srv/debs"
  [ $status = 0 ] || exit $status
  inside "$1" apt-get clean
}

cp -a "$dir/bare" "$dir/python"
finish "$dir/bare"
finish "$dir/python" python3-minimal python3-apt

sync -f "$dir"
mv "$dir" "$target"
