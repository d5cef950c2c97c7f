import { describe, expect, test } from "vitest";
import { archiveSecrets, drillRole } from "../../../../../cli/database/drill/archive-access.ts";
import { drillRoleDocuments } from "../../../../../cli/database/drill/iam.ts";
import {
  type DrillPlan,
  drillNamespace,
  scratchNamespace,
  scratchObjects,
} from "../../../../../cli/database/drill/scratch.ts";
import { podTemplate } from "../../../../../components/kubernetes/manifest.ts";
import { cluster } from "../../../../../components/postgres/cluster.ts";
import { objectStore } from "../../../../../components/postgres/object-store.ts";
import type { StackConfig } from "../../../../../config/resolve.ts";
import { s3 } from "../../../../support/settings.ts";
import { databaseConfig, onAws } from "../../../components/postgres/settings.ts";
import { fakeCluster } from "../../cluster.ts";

const drillRoleArn = "arn:aws:iam::123456789012:role/attic-pg-drill";
const plan = (config: StackConfig = databaseConfig(), more: Partial<DrillPlan> = {}): DrillPlan => ({
  config,
  namespace: "attic-drill",
  from: "attic-pg-2",
  target: { kind: "latest" },
  roleArn: undefined,
  owner: "ann",
  expires: new Date("2026-11-21T13:00:00Z"),
  ...more,
});
const one = (kind: string, of: DrillPlan) => {
  const [found, ...others] = scratchObjects(of).filter((manifest) => manifest.kind === kind);
  if (!found || others.length > 0) throw new Error(`not one ${kind}`);
  return found;
};

describe("a drill's database", () => {
  const config = databaseConfig({ instances: 3, backup: { retention: "8w" } });

  test("archives nothing: no plugin of it is an archiver, so no container of it writes to the archive", () => {
    expect(one("Cluster", plan(config)).spec).not.toHaveProperty("plugins");
  });

  test("removes no backups: its store has no retention", () => {
    const { retentionPolicy: _, ...spec } = objectStore(config).spec;
    expect(one("ObjectStore", plan(config)).spec).toEqual(spec);
  });

  test("comes out of the archive that is asked for", () => {
    const { bootstrap, externalClusters } = one("Cluster", plan(config)).spec;
    expect(bootstrap).toEqual({ recovery: { source: "origin", database: "attic", owner: "attic" } });
    expect(externalClusters[0].plugin.parameters).toEqual({
      barmanObjectName: "attic-pg",
      serverName: "attic-pg-2",
    });
  });

  test("goes back to the moment that is asked for", () => {
    const time = new Date("2026-11-20T10:30:00Z");
    const { bootstrap } = one("Cluster", plan(config, { target: { kind: "time", time } })).spec;
    expect(bootstrap.recovery.recoveryTarget).toEqual({ targetTime: "2026-11-20T10:30:00Z" });
  });

  test("is the stack's own in all the rest, on one instance", () => {
    const [stack, drill] = [cluster(config).spec, one("Cluster", plan(config)).spec];
    for (const same of ["imageName", "storage", "resources", "enableSuperuserAccess"]) {
      expect(drill[same]).toEqual(stack[same]);
    }
    expect(drill.postgresql.parameters).toEqual(stack.postgresql.parameters);
    expect(drill.instances).toBe(1);
  });

  test("assumes the role that it is given", () => {
    const { serviceAccountTemplate } = one("Cluster", plan(config, { roleArn: drillRoleArn })).spec;
    expect(serviceAccountTemplate.metadata.annotations).toEqual({
      "eks.amazonaws.com/role-arn": drillRoleArn,
    });
    expect(one("Cluster", plan(config)).spec).not.toHaveProperty("serviceAccountTemplate");
  });
});

describe("a drill's namespace", () => {
  test("is restricted, and says whose it is, of what, and until when", () => {
    const { labels, annotations } = scratchNamespace(plan()).metadata;
    expect(labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
      "app.kubernetes.io/managed-by": "atticctl",
      "atticctl/restore-drill-of": "nix-cache",
    });
    expect(annotations).toEqual({ "atticctl/owner": "ann", "atticctl/expires": "2026-11-21T13:00:00.000Z" });
  });

  test.each([
    ["as the stack is", databaseConfig()],
    ["even where the stack is not", databaseConfig({}, { network: { enabled: false } })],
  ])("is walled in, %s", (_, config) => {
    const policies = scratchObjects(plan(config)).filter(({ kind }) => kind === "NetworkPolicy");
    expect(policies.map(({ metadata }) => metadata.name)).toEqual([
      "default-deny",
      "attic-pg",
      "attic-pg-jobs",
    ]);
    expect(policies[0]?.spec.podSelector).toEqual({});
    expect(policies[0]?.spec.policyTypes.sort()).toEqual(["Egress", "Ingress"]);
  });

  test("holds nothing that runs but the database, and all of it is in it", () => {
    const objects = scratchObjects(plan());
    expect(objects.filter((manifest) => podTemplate(manifest))).toEqual([]);
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(["attic-drill"]));
    for (const { metadata } of objects)
      expect(metadata.labels?.["app.kubernetes.io/managed-by"]).toBe("atticctl");
  });

  test("is called by the day, or where a role has to trust it, always the same", () => {
    const now = new Date("2026-11-21T10:00:00Z");
    expect(drillNamespace(databaseConfig(), now)).toBe("nix-cache-drill-20261121");
    expect(drillNamespace(databaseConfig({ backup: { drillRoleArn } }), now)).toBe("nix-cache-drill");
  });
});

describe("the archive is opened", () => {
  test("by the two access keys, and nothing else of the Secret", async () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "attic-secrets" },
      data: {
        AWS_ACCESS_KEY_ID: "YQ==",
        AWS_SECRET_ACCESS_KEY: "Yg==",
        ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64: "Yw==",
      },
    };
    const copies = await archiveSecrets(fakeCluster({ objects: [secret] }), plan());
    expect(copies.map(({ metadata, data }) => [metadata.namespace, metadata.name, data])).toEqual([
      ["attic-drill", "attic-secrets", { AWS_ACCESS_KEY_ID: "YQ==", AWS_SECRET_ACCESS_KEY: "Yg==" }],
    ]);
  });

  test("by a role without keys, and at an endpoint of an own authority with its certificate and no more", async () => {
    const endpoint = "https://s3.example.com";
    const caSecret = { name: "object-store-ca", key: "ca.crt" };
    const config = databaseConfig({ roleArn: drillRoleArn }, { objectStore: s3({ endpoint, caSecret }) });
    const authority = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "object-store-ca" },
      data: { "ca.crt": "YQ==", "tls.key": "Yg==" },
    };
    const reading = plan(config, { roleArn: drillRoleArn });
    const copies = await archiveSecrets(fakeCluster({ objects: [authority] }), reading);
    expect(copies.map(({ metadata, data }) => [metadata.namespace, metadata.name, data])).toEqual([
      ["attic-drill", "object-store-ca", { "ca.crt": "YQ==" }],
    ]);
    expect(one("ObjectStore", reading).spec.configuration.endpointCA).toEqual(caSecret);
  });

  test("by no role where there are keys, and by the one for drills where there is a role", () => {
    expect(drillRole(databaseConfig())).toBeUndefined();
    expect(drillRole(databaseConfig({ backup: { drillRoleArn } }, { objectStore: onAws }))).toBe(
      drillRoleArn,
    );
  });

  test("by nothing where the live role alone is there: it trusts no other namespace", () => {
    expect(() => drillRole(databaseConfig({}, { objectStore: onAws }))).toThrow(
      expect.objectContaining({ exitCode: 2, hint: expect.stringContaining("--print-iam") }),
    );
  });
});

describe("the role for drills on AWS", () => {
  const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/a";
  const { trust, access } = drillRoleDocuments(
    databaseConfig({}, { objectStore: { ...onAws, aws: { ...onAws.aws, kmsKeyArn } } }),
  );

  test("may read the backups and the key, and write or delete nothing", () => {
    expect(access.Statement.flatMap(({ Action }) => Action)).toEqual([
      "s3:GetObject",
      "s3:ListBucket",
      "kms:Decrypt",
    ]);
    expect(access.Statement[0]?.Resource).toEqual(["arn:aws:s3:::attic-pg-backup/attic-pg/*"]);
  });

  test("trusts one ServiceAccount of the drill's namespace, by its exact name", () => {
    expect(trust.Statement[0]?.Condition).toEqual({
      StringEquals: {
        "oidc.example.com/id/A:aud": "sts.amazonaws.com",
        "oidc.example.com/id/A:sub": ["system:serviceaccount:nix-cache-drill:attic-pg"],
      },
    });
  });

  test("is described for AWS alone", () => {
    expect(() => drillRoleDocuments(databaseConfig())).toThrow(/aws alone/);
  });
});
