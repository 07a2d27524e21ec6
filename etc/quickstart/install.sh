#!/bin/sh
# Installs Debian packages without letting them start services. Run as root: install.sh PACKAGE...
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
# Another quickstart's installation: it would remove the policy while this one needs it.
exec 9> /run/pintempo-install.lock
flock 9
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod 755 $policy
fi
apt-get -q update
apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
