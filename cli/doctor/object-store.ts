import { randomBytes } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { names } from "../../components/attic/names.ts";
import { accessKeys, secretKeys } from "../../components/attic/secrets.ts";
import { stores } from "../../components/object-store/stores.ts";
import { usesRole } from "../../components/postgres/object-store.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { AnyObject, Cluster } from "../cluster/index.ts";
import { ClusterError } from "../cluster/index.ts";
import { type Finding, failed, ok, unseen } from "./finding.ts";
import { type Outside, patience, reasonOf } from "./outside.ts";

/** Keys to a bucket, and where they come from in words. */
interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  from: string;
  /** Whether they are those that the pods have. */
  own: boolean;
}

/** Below this, each probe has a name of its own; what a broken probe leaves there may be deleted. */
const folder = ".atticctl-doctor";

/** Whether the buckets take, give back and delete an object, with the keys of who uses each or this person's. */
export async function checkObjectStore(
  config: StackConfig,
  cluster: Cluster | undefined,
  env: NodeJS.ProcessEnv,
  outside: Outside,
): Promise<Finding[]> {
  const { nars, backups } = stores(config);
  const persons = personsKeys(env);
  const keys = (await ownKeys(config, cluster)) ?? persons;
  const buckets = [
    { bucket: nars.bucket, keys },
    ...(backups ? [{ bucket: backups.bucket, keys: usesRole(config) ? persons : keys }] : []),
  ];
  const findings: Finding[] = [];
  for (const { bucket, keys } of buckets) {
    findings.push(keys ? await probe(config, bucket, keys, outside) : untried(bucket));
  }
  return findings;
}

const untried = (bucket: string): Finding =>
  unseen(
    `bucket ${bucket}`,
    "there are no keys to it here",
    'eval "$(aws configure export-credentials --format env)" gives this shell yours',
  );

/** The keys of the pods, where the stack gives them keys and this person may read the Secret. */
async function ownKeys(config: StackConfig, cluster: Cluster | undefined): Promise<Keys | undefined> {
  if (!accessKeys(config) || !cluster) return undefined;
  try {
    const ref = { apiVersion: "v1", kind: "Secret", name: names.secrets };
    const secret = await cluster.find<AnyObject & { data?: Record<string, string> }>(ref);
    const value = (key: string) => Buffer.from(secret?.data?.[key] ?? "", "base64").toString();
    const accessKeyId = value(secretKeys.accessKeyId);
    const secretAccessKey = value(secretKeys.secretAccessKey);
    if (!accessKeyId || !secretAccessKey) return undefined;
    return { accessKeyId, secretAccessKey, from: `the pods' keys (Secret ${names.secrets})`, own: true };
  } catch (error) {
    if (error instanceof ClusterError) return undefined;
    throw error;
  }
}

function personsKeys({
  AWS_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY,
  AWS_SESSION_TOKEN,
}: NodeJS.ProcessEnv): Keys | undefined {
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    from: "your keys ($AWS_ACCESS_KEY_ID)",
    own: false,
  };
}

async function probe(config: StackConfig, bucket: string, keys: Keys, { fetch }: Outside): Promise<Finding> {
  const check = `bucket ${bucket}`;
  const { from, own: _, ...credentials } = keys;
  const client = new AwsClient({ ...credentials, service: "s3", region: config.objectStore.region });
  const url = `${bucketUrl(config, bucket)}/${folder}/${randomBytes(8).toString("hex")}`;
  const body = randomBytes(32).toString("hex");
  const send = async (method: "PUT" | "GET" | "DELETE") => {
    const signed = await client.sign(url, { method, ...(method === "PUT" && { body }) });
    // Another server would be sent what was signed for this one.
    return fetch(signed, { redirect: "manual", signal: AbortSignal.timeout(patience) });
  };
  try {
    const put = await send("PUT");
    if (!put.ok) return refusal(config, check, "take", put, await put.text(), keys);
    const got = await send("GET");
    const text = await got.text();
    // What was put goes, whatever the answer was.
    const gone = await send("DELETE");
    if (!got.ok) return refusal(config, check, "give back", got, text, keys);
    if (text !== body)
      return failed(check, "it gave back something else than it took", "is it a store of S3's kind?");
    if (!gone.ok) return refusal(config, check, "delete", gone, await gone.text(), keys);
    return ok(check, `it takes, gives back and deletes an object, with ${from}`);
  } catch (error) {
    return failed(
      check,
      `${new URL(url).host} does not answer: ${reasonOf(error)}`,
      "clients are redirected there, so it must be reached from here, too",
    );
  }
}

function bucketUrl({ objectStore }: StackConfig, bucket: string): string {
  const { provider, region, s3 } = objectStore;
  if (provider === "s3" && s3.endpoint) return `${s3.endpoint.replace(/\/+$/, "")}/${bucket}`;
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://${bucket}.s3.${region}.${domain}`;
}

/** What a refusal means, in S3's own code. */
function refusal(
  { objectStore }: StackConfig,
  check: string,
  verb: string,
  { status }: Response,
  text: string,
  { from, own }: Keys,
): Finding {
  const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? `HTTP ${status}`;
  const made = objectStore.provider === "aws" || objectStore.s3.createBuckets;
  if (code === "NoSuchBucket") {
    return made
      ? unseen(check, "it is not there yet; the stack makes it")
      : failed(
          check,
          "there is no such bucket",
          "make it, or let the stack: attic:objectStore.s3.createBuckets: true",
        );
  }
  if (code === "RequestTimeTooSkewed") {
    return failed(
      check,
      `its clock and this machine's differ too much (${code})`,
      "set the wrong one right (NTP)",
    );
  }
  if (/Redirect|AuthorizationHeaderMalformed|IllegalLocation/.test(code)) {
    return failed(
      check,
      `it is in another region (${code})`,
      `attic:objectStore.region says ${objectStore.region}`,
    );
  }
  if (!own && (code === "AccessDenied" || status === 403)) {
    return unseen(check, `it does not ${verb} an object with ${from} (${code}); the pods have others`);
  }
  const todo = "s3:PutObject, s3:GetObject and s3:DeleteObject are needed: docs/object-store.md";
  return failed(check, `it does not ${verb} an object with ${from} (${code})`, todo);
}
