import { type NixKeyPair, nixKeyPair } from "../../components/caches/key-pair.ts";
import { testKey } from "./keys.ts";

/** A cache's keys, as the stack's outputs have them; the same ones for a cache all through a run. */
export const nixKeys = (cache: string, which = 1): NixKeyPair =>
  nixKeyPair(cache, testKey(`cache-${cache}${which === 1 ? "" : `-${which}`}`, "ED25519").privateKeyPem);
