import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { traefikArguments } from "../components/ingress/requirements.ts";
import { claims } from "../components/tokens/claims.ts";
import { header } from "../components/tokens/jwt.ts";
import { refusals, tokenFragment } from "../components/tokens/revocation.ts";
import { ensureControlPlane, stopControlPlane } from "../embedded/control-plane/index.ts";
import { served, type Target } from "../test/edge/ingress/client.ts";
import { edgeStack } from "../test/edge/ingress/objects.ts";
import { startStub } from "../test/edge/ingress/stub.ts";
import { startTraefik } from "../test/edge/ingress/traefik.ts";
import { stackConfig } from "../test/support/settings.ts";
import type { Result } from "./cases.ts";
import { connection } from "./connection.ts";
import { inTurn, medianDifference, run } from "./measure.ts";

const revokedTokens = 100;
const now = new Date("2026-11-21T08:00:00Z");
const validity = { notBefore: 1_795_236_885, expires: 1_803_012_885 };

/** As long as a real one, and quick to make: nothing here checks its signature, which is random. */
function token(generation: number): string {
  const json = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const issue = { name: "images", signingKey: 1, generation, issue: 0 };
  const payload = claims(issue, "ci", { main: ["pull", "push"], "dev-*": ["pull", "push"] }, validity, {});
  return `${json(header)}.${json(payload)}.${randomBytes(512).toString("base64url")}`;
}

/** Rules for tokens that are revoked by name, and as many by a piece of them. */
function rules(): string[] {
  const generations = Array.from({ length: revokedTokens }, (_, index) => index + 1);
  const revoked = generations.map((generation) =>
    generation % 2
      ? { token: "images", generation, reason: "leaked" }
      : { fragment: tokenFragment(token(generation)), expires: "2030-01-01T00:00:00Z", reason: "leaked" },
  );
  return refusals(stackConfig({ tokens: { revoked } }), now);
}

/**
 * What refusing a hundred revoked tokens costs those that are not revoked: the latency of a real Traefik between
 * asking it and asking the stub behind it, with the rules against without. Both hosts are served by one Traefik, and
 * each round asks all of them, one request at a time.
 */
export async function revocation(rounds: number): Promise<Result[]> {
  const stateDir = mkdtempSync(join(tmpdir(), "attic-bench-edge-"));
  const stub = await startStub();
  const ends: (() => unknown)[] = [() => stub.close(), () => stopControlPlane({ stateDir, wipe: true })];
  try {
    const { kubectl, kubeconfig } = await ensureControlPlane({ stateDir, dieWithParent: true });
    const ingress = { rateLimit: { average: 1_000_000, burst: 1_000_000 } };
    const without = edgeStack("without.example.com", "without", { port: stub.port, ingress });
    const refusing = edgeStack("refusing.example.com", "refusing", {
      port: stub.port,
      ingress,
      refusals: rules(),
    });
    const items = [...without.objects, ...refusing.objects];
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await run(kubectl, ["apply", "--server-side", "-f", "-"], { KUBECONFIG: kubeconfig }, list);
    const traefik = await startTraefik({
      kubeconfig,
      namespaces: ["without", "refusing"],
      entryPoints: ["web", "websecure"],
      args: traefikArguments(without.config),
      logLevel: "ERROR",
    });
    ends.unshift(() => traefik.stop());
    const at = ({ config }: typeof without): Target => ({
      host: config.hostname,
      port: traefik.ports.websecure as number,
    });
    for (const stack of [without, refusing]) await served(at(stack));
    const behind: Target = { host: "stub", port: stub.port, secure: false };
    return await compare(rounds, at(without), at(refusing), behind);
  } finally {
    for (const end of ends) await end();
  }
}

/** Asks both hosts and the stub in turn, as each kind of client does. */
async function compare(rounds: number, without: Target, refusing: Target, stub: Target): Promise<Result[]> {
  const good = token(revokedTokens + 1);
  const clients: Record<string, string | undefined> = {
    "a bearer token": `Bearer ${good}`,
    "a password": `Basic ${Buffer.from(`nix:${good}`).toString("base64")}`,
    nobody: undefined,
  };
  const [a, b, c] = await Promise.all([connection(without), connection(refusing), connection(stub)]);
  const results: Result[] = [];
  for (const [client, authorization] of Object.entries(clients)) {
    const figures = await inTurn(rounds, {
      without: () => a.ask(authorization),
      refusing: () => b.ask(authorization),
      stub: () => c.ask(authorization),
    });
    const alone = medianDifference(figures.without, figures.stub);
    const added = medianDifference(figures.refusing, figures.without);
    const us = (of: number) => `${(of * 1000).toFixed(0)} µs`;
    results.push({
      what: `${revokedTokens} revoked tokens / none, for ${client}`,
      figure: (alone + added) / alone,
      unit: "×",
      target: 1.05,
      detail: `${us(added)} beside ${us(alone)}`,
    });
  }
  for (const each of [a, b, c]) each.close();
  return results;
}
