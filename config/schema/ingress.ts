import { z } from "zod";
import { objectName } from "./primitives.ts";

const cidr = () => z.union([z.cidrv4(), z.cidrv6()], { error: 'an address range such as "10.0.0.0/16"' });

const issuer = z.strictObject({
  /**
   * Whether the issuer serves one namespace or the cluster.
   * @default "ClusterIssuer"
   */
  kind: z.enum(["Issuer", "ClusterIssuer"]).default("ClusterIssuer"),
  /**
   * The cert-manager issuer of the certificate.
   * @default "letsencrypt"
   */
  name: objectName().default("letsencrypt"),
});

const rateLimit = z.strictObject({
  /**
   * Requests a second that one client may make in the mean.
   * @default 200
   */
  average: z.int().min(1).default(200),
  /**
   * Requests that it may make at once on top. Nix asks for hundreds of narinfos when a build starts.
   * @default 1000
   */
  burst: z.int().min(1).default(1000),
});

/** How clients reach the cache from outside, through Traefik. */
export const ingress = z.strictObject({
  /**
   * Whether routes, middlewares and the certificate are made.
   * @default true
   */
  enabled: z.boolean().default(true),
  /**
   * Traefik's entry point for HTTPS.
   * @default "websecure"
   */
  secureEntryPoint: z.string().min(1).default("websecure"),
  /**
   * Traefik's entry point for plain HTTP, from which clients are redirected.
   * @default "web"
   */
  plainEntryPoint: z.string().min(1).default("web"),
  /**
   * Whether an update waits until the certificate is issued. False where no cert-manager runs, as on the embedded
   * control plane.
   * @default true
   */
  awaitCertificate: z.boolean().default(true),
  /** Who signs the certificate. */
  issuer: issuer.prefault({}),
  /** Requests that one client may make, on the routes that read. */
  rateLimit: rateLimit.prefault({}),
  /**
   * Uploads that one client may have under way at the same time.
   * @default 32
   */
  uploadsInFlight: z.int().min(1).default(32),
  /**
   * Proxies in front of Traefik that add to X-Forwarded-For, so that clients are told apart by their own
   * address; 0 when clients reach Traefik directly.
   * @default 0
   */
  trustedProxyDepth: z.int().min(0).default(0),
  /**
   * Address ranges of those proxies. Traefik believes X-Forwarded-For from them alone, and drops it from anybody
   * else; needed with a depth above 0.
   * @default []
   * @example ["10.0.0.0/16"]
   */
  trustedProxies: z.array(cidr()).default([]),
});
