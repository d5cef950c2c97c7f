import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { chooseCluster, readKubeconfig } from "../../../../cli/cluster/kubeconfig.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "atticctl-cluster-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stack = (values: Record<string, string> = {}, secretKeys: string[] = [], name = "org/attic/test") => ({
  name,
  folder,
  raw: { values, secretKeys },
});

const kubeconfig = (names: string[], current?: string) =>
  stringify({
    apiVersion: "v1",
    kind: "Config",
    ...(current && { "current-context": current }),
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.example.com` } })),
    users: names.map((name) => ({ name, user: { token: "a-token" } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
  });

function file(name: string, text = kubeconfig(["a", "b"], "a")): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** The server that is reached, and the words for where the way to it is written. */
function reached(given: ReturnType<typeof stack>, env: NodeJS.ProcessEnv = {}) {
  const choice = chooseCluster(given, { HOME: join(folder, "nobody"), ...env });
  const config = readKubeconfig(() => new KubeConfig(), choice);
  return {
    server: config.getCurrentCluster()?.server,
    said: choice.source.said,
    context: config.getCurrentContext(),
  };
}

describe("the cluster", () => {
  test("is that of $KUBECONFIG, by its current context", () => {
    expect(reached(stack(), { KUBECONFIG: file("config") })).toEqual({
      server: "https://a.example.com",
      context: "a",
      said: "$KUBECONFIG",
    });
  });

  test("is that of ~/.kube/config without one", () => {
    file("home/.kube/config");
    expect(reached(stack(), { HOME: join(folder, "home") }).said).toBe("~/.kube/config");
  });

  test("is that of the context which the stack's file names", () => {
    const given = stack({ "kubernetes:context": "b" });
    expect(reached(given, { KUBECONFIG: file("config") }).server).toBe("https://b.example.com");
  });

  test("is another one than the context's, where the stack's file names it", () => {
    const given = stack({ "kubernetes:cluster": "b" });
    expect(reached(given, { KUBECONFIG: file("config") })).toMatchObject({
      server: "https://b.example.com",
      context: "a",
    });
  });

  test("is that of the kubeconfig which the stack's file has or names, before $KUBECONFIG", () => {
    const env = { KUBECONFIG: file("other", kubeconfig(["x"], "x")) };
    file("mine");
    expect(reached(stack({ "kubernetes:kubeconfig": "mine" }), env).server).toBe("https://a.example.com");
    const text = kubeconfig(["c"], "c");
    expect(reached(stack({ "kubernetes:kubeconfig": text }), env)).toEqual({
      server: "https://c.example.com",
      context: "c",
      said: "kubernetes:kubeconfig in Pulumi.test.yaml",
    });
  });

  test("may be spread over several files, of which the first that has a name counts", () => {
    const first = file("first", kubeconfig(["a"]));
    const second = file("second", kubeconfig(["a", "b"], "b").replace("https://a.", "https://other."));
    const KUBECONFIG = [first, join(folder, "gone"), second].join(":");
    expect(reached(stack(), { KUBECONFIG }).server).toBe("https://b.example.com");
    expect(reached(stack({ "kubernetes:context": "a" }), { KUBECONFIG }).server).toBe(
      "https://a.example.com",
    );
  });

  test("of stack local is the embedded control plane, whatever else there is", () => {
    file(".local/control-plane/kubeconfig");
    const given = stack({ "kubernetes:context": "x" }, [], "local");
    expect(reached(given, { KUBECONFIG: "/nowhere" })).toMatchObject({
      said: ".local/control-plane/kubeconfig",
    });
  });
});

describe("there is none", () => {
  const refused =
    (given: ReturnType<typeof stack>, env: NodeJS.ProcessEnv = {}) =>
    () =>
      reached(given, env);

  test("without a kubeconfig", () => {
    expect(refused(stack())).toThrow(/there is no kubeconfig: .*\/\.kube\/config .* does not exist/);
    expect(refused(stack(), { KUBECONFIG: "/nowhere/x" })).toThrow("/nowhere/x ($KUBECONFIG) does not exist");
  });

  test("while `npm run local` does not run", () => {
    expect(refused(stack({}, [], "local"))).toThrow("stack local has no control plane");
  });

  test("in a kubeconfig that is encrypted, unless $KUBECONFIG is there", () => {
    const given = stack({ "kubernetes:kubeconfig": "[secret]" }, ["kubernetes:kubeconfig"]);
    expect(refused(given)).toThrow("kubernetes:kubeconfig is encrypted in Pulumi.test.yaml");
    expect(reached(given, { KUBECONFIG: file("config") }).said).toBe("$KUBECONFIG");
  });

  test.each([
    [
      "of that name",
      stack({ "kubernetes:context": "c" }),
      kubeconfig(["a"], "a"),
      "$KUBECONFIG has no context c",
    ],
    ["that is selected", stack(), kubeconfig(["a"]), "$KUBECONFIG selects no context"],
    ["in a file that is no kubeconfig", stack(), "{", "$KUBECONFIG is no kubeconfig"],
    [
      "of the cluster that is named",
      stack({ "kubernetes:cluster": "c" }),
      kubeconfig(["a"], "a"),
      "$KUBECONFIG has no cluster c",
    ],
  ])("%s", (_, given, text, said) => {
    // What is between is not told here; a kubeconfig holds credentials.
    expect(refused({ ...given, folder }, { KUBECONFIG: file("config", text) })).toThrow(said);
  });
});
