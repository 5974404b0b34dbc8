# shellcheck shell=bash disable=SC2154  # the variables are those of cluster.sh, which reads this file
# The files that the daemons of a test's cluster read.

write_settings() {
  mkdir -p "$etc" "$log" "$run" "$folder"/{ctld,spool,munge,database,temp,dev}
  chown slurm: "$folder/ctld" && chown munge: "$folder/munge" && chown mysql: "$folder"/{database,temp} && chmod 1777 "$run"
  [ -s "$folder/munge/key" ] || (umask 077 && head -c 128 /dev/urandom >"$folder/munge/key" && chown munge: "$folder/munge/key")
  # Plain files count as GPUs too, but jobs only get to see devices.
  local gpu
  for gpu in 0 1; do [ -e "$folder/dev/nvidia$gpu" ] || mknod -m 666 "$folder/dev/nvidia$gpu" c 1 3 2>/dev/null || : >"$folder/dev/nvidia$gpu"; done
  echo "NodeName=n[1-2] Name=gpu File=$folder/dev/nvidia[0-1] Flags=nvidia_gpu_env" >"$etc/gres.conf"
  # slurmd loads one of these plugins though nothing uses it; `disabled` came with 23.02, and v1 asks for nothing.
  if [ "$(printf '%s\n' 23.02 "$(slurmctld -V | cut -d' ' -f2)" | sort -V | head -n 1)" = 23.02 ]; then echo CgroupPlugin=disabled
  else echo CgroupPlugin=cgroup/v1; fi >"$etc/cgroup.conf"
  # Read by task/cgroup only.
  printf '%s\n' ConstrainRAMSpace=yes ConstrainSwapSpace=yes AllowedSwapSpace=0 >>"$etc/cgroup.conf"
  render_slurm_conf >"$SLURM_CONF"
  rm -f "$etc/slurmdbd.conf"
  [ "${CLUSTER_ACCOUNTING:-on}" = on ] || return 0
  (umask 077 && render_slurmdbd_conf >"$etc/slurmdbd.conf" && chown slurm: "$etc/slurmdbd.conf")
  render_my_cnf >"$etc/my.cnf"
  # mariadbd removes temporary tables when it starts, also those of another one that shares its folder for them.
  [ -d "$folder/database/mysql" ] || TMPDIR=$folder/temp mariadb-install-db --no-defaults --user=mysql --datadir="$folder/database" --skip-test-db \
    --skip-name-resolve --auth-root-authentication-method=socket --auth-root-socket-user=root >"$log/mariadb-install-db" 2>&1 ||
    die "the database could not be set up" mariadb-install-db
}

render_slurm_conf() {
  cat <<END
ClusterName=nightshift
SlurmctldHost=$(own_host_name)(127.0.0.1)
SlurmUser=slurm
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$run/munge.socket,ttl=${CLUSTER_TTL:-300}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldPidFile=$run/slurmctld.pid
SlurmdPidFile=$run/slurmd.%n.pid
StateSaveLocation=$folder/ctld
SlurmdSpoolDir=$folder/spool/%n
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/linux
PropagateResourceLimits=NONE
# The nodes claim more than the machine has.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=5,sched_min_interval=200000,batch_sched_delay=1
ReturnToService=2
SlurmdTimeout=15
MessageTimeout=10
KillWait=5
MinJobAge=300
MaxJobCount=20000
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
END
  if [ "${CLUSTER_ACCOUNTING:-on}" = on ]; then
    cat <<END
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((port + 3))
AccountingStoragePass=$run/munge.socket
AccountingStorageEnforce=associations,limits,qos
AccountingStorageTRES=gres/gpu
END
  fi
  # What fits on both nodes starts on the first.
  local number
  for number in 1 2; do
    echo "NodeName=n$number NodeHostname=$(own_host_name) NodeAddr=127.0.0.1 Port=$((port + number)) CPUs=16 Sockets=1 CoresPerSocket=16 ThreadsPerCore=1 RealMemory=64000 Gres=gpu:2 Weight=$number State=UNKNOWN"
  done
  cat <<END
PartitionName=DEFAULT Nodes=n1,n2 MaxTime=7-00:00:00 DefaultTime=01:00:00 DefMemPerCPU=1000 State=UP
PartitionName=main Default=YES PriorityTier=10
PartitionName=low PriorityTier=1
PartitionName=urgent PriorityTier=20 PreemptMode=OFF
${CLUSTER_CONF:-}
END
}

render_slurmdbd_conf() {
  cat <<END
AuthType=auth/munge
AuthInfo=socket=$run/munge.socket
CommunicationParameters=NoInAddrAny
DbdHost=$(own_host_name)
DbdAddr=127.0.0.1
DbdPort=$((port + 3))
SlurmUser=slurm
PidFile=$run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$((port + 4))
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm
END
}

render_my_cnf() {
  cat <<END
[mariadbd]
user=mysql
datadir=$folder/database
tmpdir=$folder/temp
socket=$run/mariadb.socket
pid-file=$run/mariadb.pid
bind-address=127.0.0.1
port=$((port + 4))
skip-name-resolve
skip-log-bin
performance-schema=OFF
innodb-buffer-pool-size=64M
innodb-log-file-size=32M
innodb-lock-wait-timeout=900
innodb-flush-log-at-trx-commit=0
END
}

# Each call of sacctmgr takes some 0.4 s, so there is one, on the first day only.
add_accounts() {
  local user
  [ ! -e "$folder/accounts" ] || return 0
  {
    echo "add cluster nightshift"
    echo "add account lab Cluster=nightshift Description=test Organization=test"
    echo "add qos tiny MaxSubmitJobsPerUser=3 MaxJobsPerUser=1"
    for user in root ${CLUSTER_USERS:-}; do echo "add user $user Account=lab DefaultAccount=lab Cluster=nightshift"; done
    echo "modify account where name=lab cluster=nightshift set qos+=tiny"
  } | sacctmgr -i -Q >"$log/sacctmgr" 2>&1
  for user in root ${CLUSTER_USERS:-}; do
    [ -n "$(sacctmgr --noheader --parsable2 show associations "user=$user" format=account)" ] || die "$user has no account" sacctmgr
  done
  touch "$folder/accounts"
}
