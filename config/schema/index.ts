import { z } from "zod";
import { api } from "./api.ts";
import { cache, cacheKey } from "./caches.ts";
import { database } from "./database.ts";
import { garbageCollection } from "./garbage-collection.ts";
import { ingress } from "./ingress.ts";
import { network } from "./network.ts";
import { objectStore } from "./object-store.ts";
import { observability } from "./observability.ts";
import { operators } from "./operators.ts";
import { dnsName, objectName } from "./primitives.ts";
import { server } from "./server.ts";
import { tokens } from "./tokens.ts";

/**
 * Everything that can stand under `attic:` in a Pulumi.<stack>.yaml. The comments on the keys are the reference:
 * the JSON Schema for editors is made of them (`npm run schema`).
 */
export const settings = z.strictObject({
  /**
   * The name under which Nix clients reach the cache.
   * @example "nix-cache.example.com"
   */
  hostname: dnsName(),
  /**
   * The namespace of everything; it is made by the program and enforces the `restricted` Pod Security level.
   * @default "nix-cache"
   */
  namespace: objectName().default("nix-cache"),
  /**
   * The server's image, pinned by digest or by the commit that it was built from. Attic has no releases: its
   * tags are full commit ids, and `main` or `latest` would change under a running cache.
   * @example "ghcr.io/zhaofengli/attic:b7c905657cb81b8ec9c26b0d9f53aa2e4f231810"
   */
  image: z
    .string()
    .regex(
      /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+(:[0-9a-f]{40}|(:[\w.-]+)?@sha256:[0-9a-f]{64})$/,
      "an image pinned by digest (…@sha256:<64 hex>) or by commit (…:<40 hex>)",
    ),
  /**
   * Secrets of type kubernetes.io/dockerconfigjson, in the stack's namespace, for a private registry.
   * @default []
   * @example ["registry"]
   */
  imagePullSecrets: z.array(objectName()).default([]),
  /**
   * Whether what cannot be made again is protected: Pulumi then refuses to delete or replace the namespace, the
   * signing key, the database and the buckets. With false, `pulumi destroy` deletes them with all that they hold.
   * @default true
   */
  deletionProtection: z.boolean().default(true),
  /** What the server reads from server.toml. */
  server: server.prefault({}),
  /** The API Deployment. */
  api: api.prefault({}),
  /** When and how unused objects are removed. */
  garbageCollection: garbageCollection.prefault({}),
  /** The PostgreSQL database of the metadata. */
  database: database.prefault({}),
  /** The S3 bucket of the NARs. */
  objectStore: objectStore.prefault({} as z.input<typeof objectStore>),
  /** Who may talk to whom. */
  network: network.prefault({}),
  /** How clients reach the cache from outside. */
  ingress: ingress.prefault({}),
  /** The tokens that the stack mints, and those that it refuses. */
  tokens: tokens.prefault({}),
  /**
   * The caches, by name. Their signing keys are made by the program; `atticctl caches sync` makes the running
   * server match.
   * @default {}
   */
  caches: z.record(cacheKey(), cache).default({}),
  /** What is measured, and who is told. */
  observability: observability.prefault({}),
  /** Operators that the stack installs itself. */
  operators: operators.prefault({}),
});

/** What a person writes: defaults may be left out. */
export type Settings = z.input<typeof settings>;

/** What the schema makes of it: every default in place. */
export type ParsedSettings = z.output<typeof settings>;
