import { bucketKinds } from "../object-store/buckets.ts";

/** What cannot be made again once it is gone, and what it means to lose it. */
export const irreplaceable: Readonly<Record<string, string>> = {
  "postgresql.cnpg.io/Cluster": "the database, and with it which objects belong to which cache",
  ...Object.fromEntries(
    bucketKinds.map((kind) => [kind, "everything that was ever pushed, or every backup"]),
  ),
  "core/PersistentVolumeClaim": "what is on the volume",
  "aws:rds/instance:Instance": "a database",
  "aws:rds/cluster:Cluster": "a database",
  "aws:kms/key:Key": "a key, and with it whatever it encrypts: objects and backups",
  "tls:index/privateKey:PrivateKey": "a key: every token, or every client's trust in a cache",
};
