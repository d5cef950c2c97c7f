import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { names, partOf } from "../../../components/attic/names.ts";
import { identity } from "../../../components/attic/process.ts";
import { labels } from "../../../components/kubernetes/labels.ts";
import { enteringGround } from "../../../live/nodes/index.ts";
import { apply, kubectl, namespace, paths, sql } from "./world.ts";

/** Somebody who inserts rows. */
export interface Rows {
  /** Rows that were acknowledged by now. */
  acknowledged(): number;
  /** Ends it, and looks for every row that was acknowledged. */
  stop(): Promise<RowFigures>;
}

/** How the inserts went. */
export interface RowFigures {
  acknowledged: number;
  /** Seconds between two that were acknowledged, or to the end: the longest such span. */
  longestGap: number;
  /** Connections that ended or were not made, by what psql said of it. */
  failures: Record<string, number>;
  /** Acknowledged rows that the database does not have. */
  lost: number[];
}

const pod = "rows";
const table = "public.written_by_scenarios";

/** Seconds between two rows, of one connection that is made anew when it breaks. */
const pause = 0.1;

/**
 * Starts to insert row after row, through the Service of the primary, as Attic's processes do: by name, over TLS, with
 * the stack's own role and password. Other than they do, it waits two seconds for an answer and no longer.
 * @param node where it runs: one that stays
 */
export async function startRows(node: string): Promise<Rows> {
  const image = await kubectl("get", "cluster", names.database, "-o", "jsonpath={.spec.imageName}");
  await remove();
  await sql(`CREATE TABLE ${table} (row bigint GENERATED ALWAYS AS IDENTITY)`);
  await sql(`ALTER TABLE ${table} OWNER TO attic`);
  await apply(writer(image, node));
  await kubectl("wait", `pod/${pod}`, "--for=condition=Ready", "--timeout=60s");

  const command = ["kubectl", `--namespace=${namespace}`, "exec", "-i", pod, "--", "sh", "-c", script];
  const { file, args, env } = await enteringGround(paths, command);
  const child = spawn(file, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  const begun = performance.now();
  const rows: { row: number; at: number }[] = [];
  const failures: Record<string, number> = {};
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (/^\d+$/.test(line)) rows.push({ row: Number(line), at: performance.now() });
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    const kind = kindOf(line);
    if (kind) failures[kind] = (failures[kind] ?? 0) + 1;
  });
  const ended = once(child, "exit");
  return {
    acknowledged: () => rows.length,
    async stop() {
      const end = performance.now();
      child.stdin.end();
      await ended;
      const kept = new Set((await sql(`SELECT row FROM ${table}`)).split("\n").map(Number));
      await remove();
      const marks = [begun, ...rows.map(({ at }) => at).filter((at) => at < end), end];
      return {
        acknowledged: rows.length,
        longestGap: Math.max(...marks.slice(1).map((at, index) => at - (marks[index] as number))) / 1000,
        failures,
        lost: rows.map(({ row }) => row).filter((row) => !kept.has(row)),
      };
    },
  };
}

async function remove(): Promise<void> {
  await kubectl("delete", "pod", pod, "--ignore-not-found", "--now");
  // While commits wait for a replica that is not there, this must not: the figures are still to be told.
  await sql(`SET synchronous_commit = local; DROP TABLE IF EXISTS ${table}`);
}

/** Until its standard input ends. What psql prints is what was acknowledged. */
const script = `
exec 3<&0
cat <&3 >/dev/null & asked=$!
while kill -0 $asked 2>/dev/null; do
  printf '%s\\n' 'INSERT INTO ${table} DEFAULT VALUES RETURNING row \\watch ${pause}' |
    psql -XqAt -v ON_ERROR_STOP=1 "connect_timeout=2 tcp_user_timeout=2000 keepalives_idle=1 keepalives_interval=1 keepalives_count=2" &
  psql=$!
  while kill -0 $psql 2>/dev/null && kill -0 $asked 2>/dev/null; do sleep 0.1; done
  kill $psql 2>/dev/null
  wait $psql
done`;

/** What psql's last words come to; undefined for lines that go on from another. */
function kindOf(line: string): string | undefined {
  const said = /(?:FATAL|ERROR):\s+(.*)$/.exec(line)?.[1] ?? /(?:failed|error): (.*)$/.exec(line)?.[1];
  return said?.replace(/^server closed the connection unexpectedly$/, "the connection was closed");
}

/** With the labels of a migration: the policies let nobody in but Attic's own pods, and no Service selects this one. */
const writer = (image: string, node: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: pod, namespace, labels: labels({ ...identity("migrations", image), partOf }) },
  spec: {
    nodeSelector: { "kubernetes.io/hostname": node },
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "psql",
        image,
        imagePullPolicy: "IfNotPresent",
        command: ["sleep", "infinity"],
        env: [
          { name: "PGHOST", value: `${names.database}-rw.${namespace}.svc` },
          { name: "PGDATABASE", value: "attic" },
          { name: "PGUSER", value: "attic" },
          {
            name: "PGPASSWORD",
            valueFrom: { secretKeyRef: { name: `${names.database}-app`, key: "password" } },
          },
          { name: "PGSSLMODE", value: "verify-full" },
          { name: "PGSSLROOTCERT", value: "/authority/ca.crt" },
        ],
        volumeMounts: [{ name: "authority", mountPath: "/authority", readOnly: true }],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
      },
    ],
    volumes: [{ name: "authority", secret: { secretName: `${names.database}-ca` } }],
  },
});
