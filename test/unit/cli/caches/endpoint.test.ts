import { describe, expect, test } from "vitest";
import { endpointOf } from "../../../../cli/caches/endpoint.ts";

const own = "https://nix-cache.example.com/";
const hosts = ["nix-cache.example.com", "attic.internal.example.com"];
const at = (endpoint?: string, host?: string) => endpointOf(own, hosts, { endpoint, host });

describe("the endpoint", () => {
  test("is the stack's own, asked by its own name", () => {
    expect(at()).toEqual({ url: own });
    expect(at(own)).toEqual({ url: own });
  });

  test("may be plain HTTP where the stack's own is", () => {
    const plain = "http://nix-cache.example.com/";
    expect(endpointOf(plain, hosts, {})).toEqual({ url: plain });
    expect(endpointOf(plain, hosts, { endpoint: plain })).toEqual({ url: plain });
  });

  test.each([
    "http://127.0.0.1:8080/",
    "http://localhost:8080/",
    "http://[::1]:8080/",
    "http://attic.nix-cache.svc:8080/",
    "http://attic.nix-cache.svc.cluster.local:8080/",
    "https://elsewhere.example.net/attic/",
  ])("at %s is asked by the stack's name", (url) => {
    expect(at(url)).toEqual({ url, host: "nix-cache.example.com" });
  });

  test("at another name that the server answers to is asked by that", () => {
    expect(at("https://attic.internal.example.com/")).toEqual({ url: "https://attic.internal.example.com/" });
  });

  test("is asked by a name that a person gives", () => {
    expect(at(undefined, "b.example.com")).toEqual({ url: own, host: "b.example.com" });
    expect(at("http://127.0.0.1:8080/", "b.example.com").host).toBe("b.example.com");
  });

  test("ends in a slash", () => {
    expect(at("http://127.0.0.1:8080").url).toBe("http://127.0.0.1:8080/");
    expect(at("https://elsewhere.example.net/attic").url).toBe("https://elsewhere.example.net/attic/");
  });

  test.each([
    "http://nix-cache.example.net/",
    "http://10.0.0.1:8080/",
    "http://attic.svc.example.com/",
    "http://127.0.0.1.example.com/",
  ])("is not %s, where the network would see the token", (url) => {
    expect(() => at(url)).toThrow("is plain HTTP: the network would see the token");
  });

  test.each([
    "",
    "nix-cache.example.com",
    "ftp://127.0.0.1/",
    "https://user:pass@127.0.0.1/",
    "https://a/?b=c",
    "https://a/#b",
  ])("is not %j, which is no server's URL", (url) => {
    expect(() => at(url)).toThrow("is no URL of a server");
  });
});
