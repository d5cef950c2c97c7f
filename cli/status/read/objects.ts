import { names } from "../../../components/attic/names.ts";
import type { Cluster, KubeObject, Ref } from "../../cluster/index.ts";
import type { Certificate, Objects } from "../snapshot.ts";
import { type Condition, condition, said } from "./conditions.ts";

/** Which of the declared objects are there; each kind is listed once. */
export async function readObjects(cluster: Cluster, declared: readonly Ref[]): Promise<Objects> {
  const kinds = new Map(
    declared.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }]),
  );
  const there = new Set(
    (await Promise.all([...kinds.values()].map((kind) => cluster.list(kind))))
      .flat()
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`),
  );
  const missing = declared.map(({ kind, name }) => `${kind} ${name}`).filter((each) => !there.has(each));
  return { declared: declared.length, missing };
}

type CertificateObject = KubeObject<
  unknown,
  { conditions?: Condition[]; notAfter?: string; renewalTime?: string }
>;

/** The certificate of the cache's name. */
export async function readCertificate(cluster: Cluster): Promise<Certificate> {
  const { status = {} } = await cluster.get<CertificateObject>({
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    name: names.api,
  });
  const ready = condition(status.conditions, "Ready");
  const { notAfter, renewalTime } = status;
  return {
    ready: ready?.status === "True",
    ...(ready?.status !== "True" && { why: ready ? said(ready) : "cert-manager has not taken it up" }),
    ...(notAfter && { notAfter }),
    ...(renewalTime && { renewal: renewalTime }),
  };
}
