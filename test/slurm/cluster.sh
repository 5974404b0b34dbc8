#!/usr/bin/env bash
# A real SLURM with two nodes on this one machine, for tests. Everything lies below one folder and listens on loopback;
# systemd and /etc are left alone, and cgroups unless CLUSTER_CONF asks for them. Needs root and the packages of Debian 12,
# or of its relatives.
#
#   cluster.sh install     installs what is missing
#   cluster.sh up          starts what is not running, and returns when jobs can be submitted
#   cluster.sh down        cancels all jobs and stops everything; `down --wipe` removes the folder as well
#   cluster.sh env         prints what a shell needs for sbatch and its like to find this cluster
#   cluster.sh stop|start|kill9|freeze|thaw|pid NAME
#                          one of munged mariadbd slurmdbd slurmctld slurmd.n1 slurmd.n2
#
# What cannot be done ends with the last words of the daemon in question, and with an exit code other than 0.
#
# Settings, from the environment; `up` writes them into the folder, and the others take them from there:
#   CLUSTER_FOLDER       where everything lies: a short path, for the sake of sockets   (/tmp/nightshift-slurm)
#   CLUSTER_PORT         the first of five ports                                        (17400)
#   CLUSTER_ACCOUNTING   off: neither slurmdbd nor a database, so that sacct fails      (on)
#   CLUSTER_TTL          how many seconds a request stays valid (munge)                 (300)
#   CLUSTER_CONF         lines for slurm.conf, which overrule those below: MinJobAge=10
#   CLUSTER_USERS        who may submit besides root, where there is accounting
set -euo pipefail
umask 022
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

folder=${CLUSTER_FOLDER:-/tmp/nightshift-slurm}
etc=$folder/etc log=$folder/log run=$folder/run
port=${CLUSTER_PORT:-17400}
patience=60

export SLURM_CONF=$etc/slurm.conf
export NIGHTSHIFT_CLUSTER=$folder # inherited by the daemons: tells them from those of another cluster

# shellcheck source-path=SCRIPTDIR source=cluster-settings.sh
. "$(dirname "$0")/cluster-settings.sh"

main() {
  case ${1:-help} in
    install) install_packages ;;
    up) up ;;
    down) down "${2:-}" ;;
    env) printf 'export SLURM_CONF=%q\n' "$SLURM_CONF" ;;
    start) launch "$2" ;;
    stop) stop "$2" ;;
    kill9) send KILL "$2" && await 10 is_down "$2" ;;
    freeze) send STOP "$2" ;;
    thaw) send CONT "$2" ;;
    pid) pid_of "$2" ;;
    *) sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "$0" >&2 && exit 2 ;;
  esac
}

# --- The whole

install_packages() {
  local pair missing=() policy=/usr/sbin/policy-rc.d made='' code=0
  for pair in slurmctld:slurmctld slurmd:slurmd slurmdbd:slurmdbd sbatch:slurm-client munged:munge mariadbd:mariadb-server \
    tcsh:tcsh zsh:zsh python3:python3-minimal; do
    command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || die "not installed, which only root can change: ${missing[*]}"
  # Debian's packages start what they install, unless this file says no.
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && made=yes; }
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"; } >&2 || code=$?
  [ -z "$made" ] || rm -f $policy
  [ $code = 0 ] || die "apt-get could not install ${missing[*]}"
}

up() {
  local daemon
  [ "$(id -u)" = 0 ] || die "only root can start the daemons of SLURM"
  write_settings
  for daemon in $(daemons); do
    launch "$daemon"
    [ "$daemon" != slurmdbd ] || add_accounts # before slurmctld, which registers with accounting
  done
  await 10 are_nodes_up || scontrol update nodename=n1,n2 state=resume || : # as an earlier test may have left them
  await $patience are_nodes_up || { sinfo -N -l >&2; die "the nodes did not come up" slurmctld slurmd.n1 slurmd.n2; }
}

down() {
  local daemon process
  [ -d "$folder" ] || return 0
  for daemon in $(daemons); do send CONT "$daemon" || :; done 2>/dev/null
  if ! is_down munged && ! is_down slurmctld; then
    timeout 10 squeue --noheader --format=%A | xargs --no-run-if-empty timeout 10 scancel || :
    await 12 has_no_jobs || :
  fi
  # slurmd's end is not that of its jobs.
  for process in $(job_processes); do kill -KILL "$process" 2>/dev/null || :; done
  for daemon in $(daemons | tac); do stop "$daemon"; done
  # proctrack/cgroup leaves them behind, without processes.
  find /sys/fs/cgroup/*/slurm_n[12] -depth -type d -exec rmdir {} + 2>/dev/null || :
  [ "$1" != --wipe ] || rm -rf "${folder:?}"
}

daemons() {
  if has_accounting; then printf '%s\n' munged mariadbd slurmdbd slurmctld slurmd.n1 slurmd.n2
  else printf '%s\n' munged slurmctld slurmd.n1 slurmd.n2; fi
}

# --- One daemon

launch() {
  is_down "$1" || return 0
  case $1 in
    munged)
      rm -f "$run"/munge.socket*
      begin munged setpriv --reuid=munge --regid=munge --clear-groups munged --foreground --num-threads=4 \
        --socket="$run/munge.socket" --key-file="$folder/munge/key" --seed-file="$folder/munge/seed" \
        --pid-file="$folder/munge/pid" --log-file="$folder/munge/log"
      answers munged munge --no-input --socket="$run/munge.socket" ;;
    mariadbd)
      begin mariadbd mariadbd --defaults-file="$etc/my.cnf"
      answers mariadbd sql "CREATE DATABASE IF NOT EXISTS slurm; GRANT ALL ON slurm.* TO slurm@127.0.0.1 IDENTIFIED BY 'slurm'" ;;
    slurmdbd)
      begin slurmdbd slurmdbd -D
      answers slurmdbd sacctmgr --noheader show cluster ;;
    slurmctld)
      begin slurmctld slurmctld -D
      answers slurmctld timeout 5 sinfo ;;
    slurmd.n[12])
      begin "$1" slurmd -D -N "${1#slurmd.}"
      answers "$1" has_said "$1" 'slurmd started' ;;
    *) die "there is no daemon $1 here" ;;
  esac
}

# The number is noted by what becomes the daemon, so that none of the daemons' own pid files has to be believed.
begin() {
  local daemon=$1 namespace=()
  shift
  [ "$(own_host_name)" = "$(hostname -s)" ] || namespace=(unshare --uts sh -c 'hostname localhost && exec "$@"' sh)
  rm -f "$run/$daemon"
  printf -- '--- %s\n' "$*" >>"$log/$daemon"
  # shellcheck disable=SC2016  # expanded by the inner shell
  setsid sh -c 'echo $$ >"$0" && exec "$@"' "$run/$daemon" "${namespace[@]}" "$@" </dev/null >>"$log/$daemon" 2>&1 &
  await 10 test -s "$run/$daemon" || die "$daemon could not be started" "$daemon"
}

answers() {
  local daemon=$1 end=$((SECONDS + patience))
  shift
  until "$@" >/dev/null 2>&1; do
    ! is_down "$daemon" || die "$daemon did not start" "$daemon"
    [ $SECONDS -lt $end ] || die "$daemon does not answer" "$daemon"
    sleep 0.1
  done
  ! is_down "$daemon" || die "another program answers in place of $daemon: is the port taken?" "$daemon"
}

stop() {
  is_down "$1" && return 0
  send CONT "$1" && send TERM "$1" && await 10 is_down "$1" && return 0
  send KILL "$1" || :
  await 10 is_down "$1" || die "$1 does not end" "$1"
}

send() {
  local pid
  pid=$(pid_of "$2") && kill "-$1" "$pid"
}

is_down() { ! pid_of "$1" >/dev/null; }

# A number that was given to another program meanwhile is not the daemon's; of a zombie, the environment is empty.
pid_of() {
  local pid
  pid=$(cat "$run/$1" 2>/dev/null) && grep -qzxF "NIGHTSHIFT_CLUSTER=$folder" "/proc/$pid/environ" 2>/dev/null && echo "$pid"
}

has_said() { awk -v words="$2" '/^--- /{said=0} index($0, words){said=1} END{exit !said}' "$log/$1"; }

# --- What is asked of all of them

has_accounting() { [ -e "$etc/slurmdbd.conf" ]; }
are_nodes_up() { [ "$(sinfo --noheader --Node --partition=main --states=idle,mixed,allocated --format=%N | wc -l)" = 2 ]; }
has_no_jobs() { [ -z "$(timeout 10 squeue --noheader)" ]; }
sql() { mariadb --no-defaults --socket="$run/mariadb.socket" --user=root --execute="$1"; }

job_processes() {
  local file
  grep -lzxF "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ 2>/dev/null | while read -r file; do
    if grep -qz '^SLURM_JOB_ID=' "$file" || grep -qx slurmstepd "${file%/*}/comm"; then
      file=${file#/proc/} && echo "${file%/*}"
    fi 2>/dev/null
  done
}

# SLURM listens on every address, or on the one of the machine's name. Where that is not on loopback, the daemons get
# to see another name.
own_host_name() {
  if getent ahostsv4 "$(hostname)" | grep -q '^127\.'; then hostname -s; else echo localhost; fi
}

await() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}

die() {
  local daemon
  for daemon in "${@:2}"; do printf -- '--- the end of %s\n%s\n' "$log/$daemon" "$(tail -n 20 "$log/$daemon" 2>&1)" >&2; done
  printf 'cluster.sh: %s\n' "$1" >&2
  exit 1
}

main "$@"
