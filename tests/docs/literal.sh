#!/bin/bash
# Follows docs/install.md to the letter on a fresh Debian 12 that boots, once for each web server: every command of
# the page in order, then a pin through the simulator, the upgrade, the uninstallation. As root; needs debootstrap,
# systemd-container, Debian's packages from the network, and ports 80 and 3306 of this machine for itself.
#   tests/docs/literal.sh [VARIANT...]       lighttpd apache apache-fcgid nginx shared; default: all
# Not part of the check: about four minutes each. Roots and logs are in $PINTEMPO_LITERAL (default /var/tmp/pintempo-literal).
set -u
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
place=${PINTEMPO_LITERAL:-/var/tmp/pintempo-literal}
password='correct horse battery'
failed=0
mkdir -p "$place/archives"

fresh_root() { # DIR
    if [ ! -d "$place/base" ]; then
        debootstrap --variant=minbase bookworm "$place/base.new" > "$place/base.log" 2>&1 || return
        cp /etc/apt/sources.list.d/debian.sources "$place/base.new/etc/apt/sources.list.d/" 2> /dev/null &&
            rm -f "$place/base.new/etc/apt/sources.list"
        # A person answers apt-get's question with yes.
        echo 'APT::Get::Assume-Yes "true";' > "$place/base.new/etc/apt/apt.conf.d/90yes"
        chroot "$place/base.new" sh -c 'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install \
            --no-install-recommends systemd systemd-sysv dbus adduser ca-certificates cron' >> "$place/base.log" 2>&1 || return
        mv "$place/base.new" "$place/base"
    fi
    rm -rf "$1"
    cp -a "$place/base" "$1"
    echo '127.0.0.1 localhost pins.example.com' > "$1/etc/hosts"
}

boot() { # DIR: sets `leader`
    local i pid poll_s=0.1
    if ! mountpoint -q /run/systemd/nspawn && [ "$(stat -f -c %T /run)" != tmpfs ]; then
        mkdir -p /run/systemd/nspawn && mount -t tmpfs tmpfs /run/systemd/nspawn
    fi
    setsid systemd-nspawn -q --register=no --keep-unit -D "$1" --bind="$place/archives:/var/cache/apt/archives" \
        --bind-ro="$top:/mnt/source" -b --console=pipe < /dev/null > "$1.boot" 2>&1 &
    nspawn=$!
    for ((i = 0; i < 600; i++)); do
        pid=$(pgrep -P $nspawn | head -1)
        if [ -n "$pid" ]; then
            leader=$pid
            case $(inside systemctl is-system-running 2> /dev/null) in running | degraded) return 0 ;; esac
        fi
        sleep "$poll_s"
    done
    return 1
}

inside() { nsenter -t "$leader" -m -u -i -p -C -- "$@"; }

halt() {
    inside systemctl poweroff > /dev/null 2>&1
    wait $nspawn 2> /dev/null
}

page() { # VARIANT PART LOG: the page's commands
    python3 tests/docs/literal.py docs/install.md "$1" "$2" > "$root/run.sh"
    inside env SRC="$src" BUILDER="$builder" PASSWORD="$password"$'\n'"$password" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        bash /run.sh > "$3" 2>&1
}

source_for() { # USER HOME: what `git clone` would give that user
    inside sh -c "useradd -m -d '$2' -s /bin/bash '$1' 2> /dev/null; mkdir '$2/pintempo-source'"
    git ls-files -z | tar -c --null -T - | inside tar -x -C "$2/pintempo-source"
    inside chown -R "$1:" "$2"
    src=$2/pintempo-source builder=$1
}

# The provider's part of a shared host: Apache with mod_fcgid and suexec, a vhost, a database user, no right to make users.
provider() {
    inside env DEBIAN_FRONTEND=noninteractive sh -ec "
        apt-get install gcc libc6-dev make autoconf automake pkg-config libfcgi-dev libjson-c-dev libmariadb-dev \
            libcurl4-openssl-dev libevent-dev libsodium-dev libinih-dev libcsv-dev mariadb-server apache2 libapache2-mod-fcgid apache2-suexec-pristine
        a2enmod fcgid rewrite suexec
        mkdir -p /var/www/you/public_html
        chmod 755 /var/www/you; chown -R you: /var/www/you
        printf '%s\n' '<VirtualHost *:80>' 'ServerName pins.example.com' 'DocumentRoot /var/www/you/public_html' \
            'SuexecUserGroup you you' '<Directory /var/www/you/public_html>' 'AllowOverride All' 'Require all granted' \
            '</Directory>' '</VirtualHost>' > /etc/apache2/sites-available/you.conf
        a2ensite you; a2dissite 000-default
        systemctl restart apache2
        mariadb -e \"CREATE DATABASE you_pintempo; CREATE DATABASE you_sandbox;
            CREATE USER you@localhost IDENTIFIED BY 'pw' WITH MAX_USER_CONNECTIONS 10;
            GRANT ALL ON you_pintempo.* TO you@localhost; GRANT ALL ON you_sandbox.* TO you@localhost\"
        install -d -o you -g you /var/www/you/pintempo /var/www/you/pintempo/etc /var/www/you/pintempo/etc/pintempo
        echo pw > /var/www/you/pintempo/etc/pintempo/database-password
        chown you: /var/www/you/pintempo/etc/pintempo/database-password
        chmod 600 /var/www/you/pintempo/etc/pintempo/database-password" > "$place/shared.provider.log" 2>&1
}

# A pin through the simulator: the page has no public image, so the machine's own are allowed. On the shared host the worker
# runs as cron runs it, and the name has no TLS here.
pin() {
    local conf=/etc/pintempo/pintempo.conf
    if [ "$1" = shared ]; then
        conf=/var/www/you/pintempo/etc/pintempo/pintempo.conf
        inside sed -i 's,https://pins.example.com,http://pins.example.com,' $conf
    fi
    inside sh -c "printf '\n[outbound]\nallow = 127.0.0.1/32:18999\n' >> $conf"
    case $1 in
        shared)
            inside systemctl restart apache2
            # (systemd-run would expand a $HOME itself.)
            inside systemd-run -q --uid=you sh -c "/var/www/you/pintempo/libexec/pintempo-worker --config $conf \
                --once --for 25s >> /var/www/you/pintempo/worker.log 2>&1"
            ;;
        apache-fcgid) inside systemctl restart apache2 pintempo-sandbox pintempo-worker ;;
        *) inside systemctl restart pintempo pintempo-sandbox pintempo-worker ;;
    esac
    python3 tests/docs/literal_pin.py http://127.0.0.1 you@example.com "$password" 18999
}

one() { # VARIANT
    local v=$1 began=$SECONDS root=$place/$1 log=$place/$1 src builder leader nspawn rc=0
    fresh_root "$root" && boot "$root" || { echo "$v: no root boots: $root.boot"; return 1; }
    if [ "$v" = shared ]; then
        source_for you /var/www/you
        provider || { echo "$v: the provider's part failed: $place/shared.provider.log"; halt; return 1; }
    else
        source_for builder /home/builder
    fi
    if page "$v" install "$log.install.log"; then
        echo "ok - $v: every command of the installation works ($((SECONDS - began)) s)"
        pin "$v" > "$log.pin.log" 2>&1 && echo "ok - $v: $(tail -1 "$log.pin.log")" || { rc=1; echo "not ok - $v: a pin"; tail -5 "$log.pin.log"; }
        if [ "$v" != shared ]; then
            page "$v" upgrade "$log.upgrade.log" && echo "ok - $v: so does the upgrade" || { rc=1; echo "not ok - $v: upgrade"; tail -5 "$log.upgrade.log"; }
            page "$v" uninstall "$log.uninstall.log" && echo "ok - $v: and the uninstallation" || { rc=1; echo "not ok - $v: uninstallation"; tail -5 "$log.uninstall.log"; }
            inside sh -c 'find / -xdev \( -path /proc -o -path /mnt -o -path /home -o -path /var/cache -o -path /var/log -o -path /tmp \) -prune -o -iname "*pintempo*" -print' > "$log.left.log"
            [ ! -s "$log.left.log" ] && echo "ok - $v: nothing is left" || { rc=1; echo "not ok - $v: left: $(tr '\n' ' ' < "$log.left.log")"; }
        fi
    else
        rc=1
        echo "not ok - $v: installation: $log.install.log"
        tail -12 "$log.install.log" | sed 's/^/# /'
    fi
    halt
    if [ $rc -eq 0 ] && [ -z "${PINTEMPO_KEEP:-}" ]; then rm -rf "$root"; fi
    return $rc
}

for port in 80 3306; do
    ! (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "port $port of this machine is taken"; exit 2; }
done
[ $# -gt 0 ] || set -- lighttpd apache apache-fcgid nginx shared
for v in "$@"; do one "$v" || failed=1; done
exit $failed
