import type { StackConfig } from "../../config/index.ts";
import { databaseConnection } from "../attic/database-connection.ts";
import { names, partOf } from "../attic/names.ts";
import { identity, type Role } from "../attic/process.ts";
import { port as apiPort } from "../attic/server-toml.ts";
import { selector } from "../kubernetes/labels.ts";
import { type Manifest, manifests } from "../kubernetes/manifest.ts";
import { addPolicy, type Pods, type Policy, type Rule } from "./policy.ts";
import { type AddressRange, without } from "./ranges.ts";

/** Ports of CloudNativePG's instances. */
const postgres = { sql: 5432, status: 8000, metrics: 9187 } as const;

/** The port that cert-manager's pods answer an http-01 challenge on. */
const challengePort = 8089;

/** Attic's pods that have a role. */
const attic = (role: Role, { image }: StackConfig): Pods => ({ labels: selector(identity(role, image)) });

const ofCluster = { "cnpg.io/cluster": names.database };
const instances: Pods = { labels: { ...ofCluster, "cnpg.io/podRole": "instance" } };
// The Jobs that initialize, join or restore an instance are of the cluster, but they are no instances.
const databaseJobs: Pods = { labels: ofCluster, having: "cnpg.io/jobRole" };

const challengeSolvers: Pods = { labels: { "acme.cert-manager.io/http01-solver": "true" } };

/**
 * The stack's NetworkPolicies: one that denies everything, and one for each kind of pod that says all that it may
 * do, named like the workload.
 */
export function networkPolicies(config: StackConfig): Manifest[] {
  if (!config.network.enabled) return [];
  return manifests(config.namespace, (chart) => {
    for (const policy of policies(config)) addPolicy(chart, policy, partOf);
  });
}

function policies(config: StackConfig): Policy[] {
  const { network, ingress, database } = config;
  const dns = to(network.dns, [{ udp: 53 }, 53]);
  const ingressController = peers(network.ingressController);
  return [
    // Every pod of the namespace, known or not. The policies below add to it.
    { name: "default-deny", pods: { labels: {} }, ingress: [], egress: [] },
    {
      name: names.api,
      pods: attic("api", config),
      ingress: [{ peers: ingressController, ports: [apiPort] }],
      egress: [dns, toDatabase(config), atticToObjectStore(config)],
    },
    {
      name: names.collector,
      pods: attic("gc", config),
      ingress: [],
      egress: [dns, toDatabase(config), atticToObjectStore(config)],
    },
    // A migration changes the database alone; it has no business with the objects.
    {
      name: names.migrations,
      pods: attic("migrations", config),
      ingress: [],
      egress: [dns, toDatabase(config)],
    },
    ...(database.provider === "cloudNativePg" ? databasePolicies(config, dns) : []),
    ...(ingress.enabled
      ? [
          {
            name: "acme-http01-solver",
            pods: challengeSolvers,
            ingress: [{ peers: ingressController, ports: [challengePort] }],
            egress: [],
          },
        ]
      : []),
  ];
}

function databasePolicies(config: StackConfig, dns: Rule): Policy[] {
  const { network, database } = config;
  const { backup, roleArn } = database.cloudNativePg;
  const clients = (["api", "gc", "migrations"] as const).map((role) => attic(role, config));
  const apiServer: Rule = { peers: without(network.apiServer, network.denied), ports: [443, 6443] };
  const archive: Rule = {
    peers: backup.enabled ? without(network.objectStore, network.denied) : [],
    ports: objectStorePorts(config, roleArn),
  };
  return [
    {
      name: names.database,
      pods: instances,
      ingress: [
        { peers: [...clients, databaseJobs], ports: [postgres.sql] },
        // Instances replicate from each other, and a primary that has lost the API server asks the others whether
        // it is still one.
        { peers: [instances], ports: [postgres.sql, postgres.status] },
        { peers: peers(network.databaseOperator), ports: [postgres.sql, postgres.status] },
        { peers: peers(network.prometheus), ports: [postgres.metrics] },
      ],
      egress: [dns, { peers: [instances], ports: [postgres.sql, postgres.status] }, apiServer, archive],
    },
    {
      name: `${names.database}-jobs`,
      pods: databaseJobs,
      ingress: [],
      egress: [dns, { peers: [instances], ports: [postgres.sql] }, apiServer, archive],
    },
  ];
}

function toDatabase(config: StackConfig): Rule {
  const { network, database } = config;
  const external = without(network.database, network.denied);
  return {
    peers: database.provider === "cloudNativePg" ? [instances] : external,
    ports: [databaseConnection(config).port],
  };
}

/** Attic's pods have no business with the API server, so its ranges are cut out of the object store's. */
function atticToObjectStore(config: StackConfig): Rule {
  const { network, objectStore } = config;
  return {
    peers: without(network.objectStore, network.denied, network.apiServer),
    ports: objectStorePorts(config, objectStore.s3.roleArn),
  };
}

/** The endpoint's port with those that a stack adds, and STS's where a role is assumed. */
function objectStorePorts({ network, objectStore }: StackConfig, roleArn?: string): number[] {
  const own = endpointPort(objectStore);
  return [...new Set([own, ...network.objectStorePorts, ...(roleArn ? [443] : [])])];
}

function endpointPort({ provider, s3 }: StackConfig["objectStore"]): number {
  if (provider === "aws" || !s3.endpoint) return 443;
  const { port, protocol } = new URL(s3.endpoint);
  return Number(port) || (protocol === "http:" ? 80 : 443);
}

type Peer = StackConfig["network"]["dns"];

const to = (peer: Peer, ports: Rule["ports"]): Rule => ({ peers: peers(peer), ports });

/** A configured peer: its pods, and what has an address instead. */
function peers({ namespace, podLabels, addresses }: Peer): (Pods | AddressRange)[] {
  return [{ namespace, labels: podLabels }, ...without(addresses, [])];
}
