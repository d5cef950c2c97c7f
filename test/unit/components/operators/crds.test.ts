import { describe, expect, test } from "vitest";
import {
  explainMissing,
  explainUnknownKind,
  missingCrds,
  requiredCrds,
} from "../../../../components/operators/crds.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { s3, stackConfig } from "../../../support/settings.ts";

const config = (settings: Partial<Settings> = {}) => stackConfig(settings, ["objectStore"]);
const required = (settings?: Partial<Settings>) => requiredCrds(config(settings)).map(({ name }) => name);
const missing = (settings: Partial<Settings>, present: string[]) =>
  missingCrds(config(settings), present).map(({ name }) => name);

const ownDatabase: Partial<Settings> = {
  database: {},
  objectStore: s3({ credentials: { accessKeyId: "a", secretAccessKey: "b" } }),
};
const ingress = [
  "certificates.cert-manager.io",
  "ingressroutes.traefik.io",
  "middlewares.traefik.io",
  "serverstransports.traefik.io",
  "traefikservices.traefik.io",
];
const database = ["clusters.postgresql.cnpg.io"];
const backups = ["scheduledbackups.postgresql.cnpg.io", "objectstores.barmancloud.cnpg.io"];

describe("the definitions that a stack needs", () => {
  test("are the ingress's, with a database that exists", () => {
    expect(required()).toEqual(ingress);
  });

  test("are also the database's and its backups', with one of its own", () => {
    expect(required(ownDatabase)).toEqual([...database, ...backups, ...ingress]);
  });

  test("are not the backups', where there are none", () => {
    const settings = { ...ownDatabase, database: { cloudNativePg: { backup: { enabled: false } } } };
    expect(required(settings)).toEqual([...database, ...ingress]);
  });

  test("are none, with neither an ingress nor a database", () => {
    expect(required({ ingress: { enabled: false } })).toEqual([]);
  });

  test("are cert-manager's for the backup plugin too, where the stack installs it", () => {
    expect(required({ ingress: { enabled: false }, operators: { barmanCloud: { install: true } } })).toEqual([
      "certificates.cert-manager.io",
      "issuers.cert-manager.io",
    ]);
  });
});

describe("the missing ones", () => {
  test("are those that the cluster has not", () => {
    expect(missing({}, ["certificates.cert-manager.io", "ingressroutes.traefik.io"])).toEqual([
      "middlewares.traefik.io",
      "serverstransports.traefik.io",
      "traefikservices.traefik.io",
    ]);
    expect(missing({}, ingress)).toEqual([]);
  });

  test("are not those that the stack installs itself", () => {
    const operators = { traefik: { install: true } };
    expect(missing({ operators }, [])).toEqual(["certificates.cert-manager.io"]);
  });

  test("are explained by operator, with the setting that would install it", () => {
    expect(explainMissing(missingCrds(config(ownDatabase), ingress))).toBe(
      [
        "the cluster lacks operators that this stack needs",
        "  CloudNativePG (clusters.postgresql.cnpg.io, scheduledbackups.postgresql.cnpg.io): install it, or let the stack: attic:operators.cloudNativePg.install: true",
        "  the Barman Cloud plugin of CloudNativePG (objectstores.barmancloud.cnpg.io): install it, or let the stack: attic:operators.barmanCloud.install: true",
      ].join("\n"),
    );
  });

  test("need no explanation when there are none", () => {
    expect(explainMissing([])).toBeUndefined();
  });
});

describe("an error about a kind that the cluster does not know", () => {
  test.each([
    [
      "of the official provider",
      'creation of resource nix-cache/attic failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: no matches for kind "IngressRoute" in version "traefik.io/v1alpha1"',
      "Traefik (ingressroutes.traefik.io)",
    ],
    [
      "of the embedded provider",
      "Certificate nix-cache/attic: the cluster has no kind Certificate in cert-manager.io/v1; install its CustomResourceDefinition first",
      "cert-manager (certificates.cert-manager.io)",
    ],
    [
      "about a name that others use too",
      "the cluster has no kind Cluster in postgresql.cnpg.io/v1",
      "CloudNativePG (clusters.postgresql.cnpg.io)",
    ],
  ])("%s is explained", (_, error, words) => {
    expect(explainUnknownKind(error)).toContain(words);
  });

  test.each([
    ["another error", "the server rejected our request: spec.routes[0].match: required"],
    ["a kind that is none of ours", 'no matches for kind "Cluster" in version "cluster.x-k8s.io/v1beta1"'],
    ["nothing", ""],
  ])("is not seen in %s", (_, error) => {
    expect(explainUnknownKind(error)).toBeUndefined();
  });
});
