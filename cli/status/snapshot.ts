import type { Grants } from "../../components/tokens/claims.ts";

// A stack at one moment, as plain data: what was read, and nothing of what it means. `atticctl status --json` prints it,
// so names and meanings stay; docs/verify.md describes it. Times are ISO 8601, in UTC.

/** What was found of something that the stack declares. */
export type Seen<T> =
  | { is: "there"; value: T }
  /** `what` is said for people: `Deployment attic`. */
  | { is: "missing"; what: string }
  /** This person may not look, or nobody answers for it. */
  | { is: "unreadable"; why: string };

/** A stack, as far as a person on call asks. A part that the stack does not declare is left out. */
export interface Snapshot {
  /** As Pulumi names it. */
  stack: string;
  time: string;
  /** Where clients find the API. */
  url: string;
  /** The declared image. */
  image: string;
  cluster: { context: string; server: string; kubernetes: string };
  /** Whether it is the control plane of `npm run local`, where pods are simulated and nobody acts on most objects. */
  embedded: boolean;
  namespace: string;
  api: Seen<Rollout>;
  collector: Seen<Rollout | Scheduled>;
  migrations: Seen<Migration>;
  autoscaler: Seen<Autoscaler>;
  budget: Seen<Budget>;
  /** Of CloudNativePG; left out with an external database. */
  database?: Seen<Database>;
  backup?: Seen<Backups>;
  certificate?: Seen<Certificate>;
  tokens: Seen<Tokens>;
  /** Traefik's objects. */
  routes?: Seen<Objects>;
  /** PrometheusRules. */
  rules?: Seen<Objects>;
  /** NetworkPolicies. */
  policies?: Seen<Objects>;
  /** What Prometheus says. */
  prometheus: Seen<Prometheus>;
}

/** A Deployment and its pods. */
export interface Rollout {
  kind: "Deployment";
  name: string;
  /** What its pods are to run. */
  image: string;
  /** Whether the controller has seen the newest description. */
  observed: boolean;
  desired: number;
  /** Of the newest description. */
  updated: number;
  ready: number;
  /** Of any description. */
  total: number;
  /** Restarts of its pods' containers, all together. */
  restarts: number;
  /** When the newest of its pods was made. */
  newestPod?: string;
  /** Why pods are not ready, or the rollout is stuck; in words. */
  trouble: string[];
}

/** A CronJob. */
export interface Scheduled {
  kind: "CronJob";
  name: string;
  image: string;
  schedule: string;
  suspended: boolean;
  lastSuccess?: string;
}

/** The Job that migrates the database for the declared image. */
export interface Migration {
  name: string;
  image: string;
  state: "succeeded" | "failed" | "running";
  /** When it succeeded. */
  finished?: string;
  /** What it says about its failure. */
  why?: string;
}

/** The HorizontalPodAutoscaler. */
export interface Autoscaler {
  min: number;
  max: number;
  current: number;
  desired: number;
  /** `current` is left out as long as nothing was measured. Percents of the request. */
  metrics: { name: string; current?: number; target: number }[];
  /** Why it does not act; left out when it does. */
  inactive?: string;
  /** Why it may not have as many replicas as the load asks for; left out when it may. */
  limited?: { reason: string; message: string };
}

/** The PodDisruptionBudget. */
export interface Budget {
  allowed: number;
  healthy: number;
  /** How many have to be healthy before one may go. */
  needed: number;
}

/** The CloudNativePG Cluster. */
export interface Database {
  /** The operator's words; left out when no operator has taken it up. */
  phase?: string;
  phaseReason?: string;
  /** Its condition Ready; left out as long as there is none. */
  ready?: boolean;
  instances: number;
  readyInstances: number;
  primary?: string;
  /** While the primary changes: which one is to be it. */
  nextPrimary?: string;
  created?: string;
  /** The condition ContinuousArchiving. */
  archiving?: { ok: boolean; message: string };
  /** Under which name it archives. */
  serverName?: string;
}

/** Full backups of the database. */
export interface Backups {
  /** The newest that succeeded. */
  lastSuccess?: string;
  lastFailure?: string;
  /** What the failed one says. */
  failure?: string;
  /** The oldest moment that can be restored. */
  recoverableSince?: string;
}

/** The certificate of the cache's name. */
export interface Certificate {
  ready: boolean;
  /** Why it is not ready. */
  why?: string;
  notAfter?: string;
  renewal?: string;
}

/** The stack's tokens. */
export interface Tokens {
  minted: TokenTimes[];
  /** Declared, and not minted yet. */
  notMinted: string[];
}

/** One deployed token. Holds no token. */
export interface TokenTimes {
  name: string;
  kind: string;
  generation: number;
  issue: number;
  caches: Grants;
  expires: string;
  /** When the next one takes its place; for a root token, when a person has to see to it. */
  rotates: string;
  byHand: boolean;
  /** Whether the stack's file has it refused at the ingress. */
  revoked: boolean;
  /** What an update would change, or is late; in words. */
  notes: string[];
}

/** Declared objects of one sort. */
export interface Objects {
  declared: number;
  /** `IngressRoute attic`. */
  missing: string[];
}

/** What Prometheus says about the stack. */
export interface Prometheus {
  /** Where it was asked. */
  from: string;
  /** The alerts that fire in the stack's namespace: its own, and those that others have about it. */
  firing: FiringAlert[];
  /** Groups of the stack's rules that it has not loaded; left out when it does not tell its rules. */
  unloaded?: string[];
  /** Seconds that the slowest replica of the database is behind; left out when nobody measures it. */
  replicationLag?: number;
}

/** An alert that fires. */
export interface FiringAlert {
  alert: string;
  severity: string;
  summary: string;
  /** The address that it links to for help. */
  runbook?: string;
}
