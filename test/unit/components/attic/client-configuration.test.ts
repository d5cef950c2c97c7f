import { expect, test } from "vitest";
import { clientConfiguration } from "../../../../components/attic/client-configuration.ts";
import { stackConfig } from "../../../support/settings.ts";

test("names every declared cache with its key", () => {
  const caches = {
    main: { url: "https://nix-cache.example.com/main", publicKey: "main:AAAA" },
    dev: { url: "https://nix-cache.example.com/dev", publicKey: "dev:BBBB" },
  };
  expect(clientConfiguration(stackConfig(), caches)).toBe(`# nix.conf
extra-substituters = https://nix-cache.example.com/main https://nix-cache.example.com/dev
extra-trusted-public-keys = main:AAAA dev:BBBB
netrc-file = /etc/nix/netrc
# /etc/nix/netrc, for private caches
machine nix-cache.example.com login nix password TOKEN
`);
});

test("leaves out a cache that has no key yet", () => {
  const main = { url: "https://nix-cache.example.com/main", publicKey: "main:AAAA" };
  expect(clientConfiguration(stackConfig(), { main, new: undefined })).toBe(
    clientConfiguration(stackConfig(), { main }),
  );
});

test("leaves room for a cache that is not declared, at the host that clients download from", () => {
  const config = stackConfig({ server: { substituterEndpoint: "https://cdn.example.com/" } });
  expect(clientConfiguration(config, {})).toContain("extra-substituters = https://cdn.example.com/CACHE\n");
  expect(clientConfiguration(config, {})).toContain("machine cdn.example.com login");
});
