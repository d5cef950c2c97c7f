import type { ICluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1";
import { type Partially, specOf } from "../framework/kubernetes.ts";
import type { Subject } from "../framework/subject.ts";

/** The kind of CloudNativePG's databases. */
export const CLUSTER = "postgresql.cnpg.io/Cluster";

/** The spec of a database. */
export const clusterOf = (subject: Subject): Partially<ICluster["spec"]> => specOf<ICluster["spec"]>(subject);
