import type { StoredJob } from "./stored.ts";

export interface Surroundings {
  readonly host: string;
  readonly user: string;
  readonly gpus: readonly string[];
}

/**
 * Builds the environment of a job: that of its runner, with SLURM's variables in place of any inherited ones.
 *
 * nightshift may itself have been started inside a SLURM job, whose SLURM_ARRAY_JOB_ID and the like would be wrong here.
 * CUDA_VISIBLE_DEVICES is always set: a job that asked for no GPU gets none, as on a cluster.
 */
export function buildEnvironment(inherited: NodeJS.ProcessEnv, job: StoredJob, { host, user, gpus }: Surroundings): NodeJS.ProcessEnv {
  const kept = Object.entries(inherited).filter(([name]) => !/^(?:SLURM|SLURMD|SBATCH)_/u.test(name));
  const cpus = String(job.tasks * (job.cpusPerTask ?? 1));
  return {
    ...Object.fromEntries(kept),
    CUDA_VISIBLE_DEVICES: gpus.join(","),
    SLURMD_NODENAME: host,
    SLURM_CLUSTER_NAME: "local",
    SLURM_CPUS_ON_NODE: cpus,
    SLURM_JOBID: job.id,
    SLURM_JOB_CPUS_PER_NODE: cpus,
    SLURM_JOB_ID: job.id,
    SLURM_JOB_NAME: job.name,
    SLURM_JOB_NODELIST: host,
    SLURM_JOB_NUM_NODES: "1",
    SLURM_JOB_PARTITION: "local",
    SLURM_JOB_USER: user,
    SLURM_LOCALID: "0",
    SLURM_NNODES: "1",
    SLURM_NODEID: "0",
    SLURM_NODELIST: host,
    SLURM_NPROCS: String(job.tasks),
    SLURM_NTASKS: String(job.tasks),
    SLURM_PROCID: "0",
    SLURM_SUBMIT_DIR: job.submitFolder,
    SLURM_SUBMIT_HOST: job.submitHost,
    SLURM_TASKS_PER_NODE: String(job.tasks),
    ...(job.cpusPerTask === undefined ? {} : { SLURM_CPUS_PER_TASK: String(job.cpusPerTask) }),
    ...(gpus.length === 0 ? {} : { SLURM_GPUS: String(gpus.length), SLURM_GPUS_ON_NODE: String(gpus.length), SLURM_JOB_GPUS: gpus.join(",") }),
  };
}
