import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  encryptionSalt,
  hasOwnEncryption,
  SECRET_PLACEHOLDER,
  withoutSecrets,
  withSalt,
} from "../../../../embedded/engine/stack-file.ts";

const ENCRYPTED = `secretsprovider: awskms://alias/attic
encryptedkey: AQID
encryptionsalt: v1:abc
config:
  attic:name: cache # stays
  attic:password:
    secure: v1:xyz
  attic:s3:
    bucket: nars
    secretKey: { secure: v1:pqr }
    list: [plain, { secure: v1:stu }]
    notSecret: { secure: v1:vwx, other: 1 }
`;

describe("withoutSecrets", () => {
  const prepared = withoutSecrets(ENCRYPTED);

  it("takes out what only the holder of a key can read", () => {
    expect(parse(prepared.text)).toEqual({
      config: {
        "attic:name": "cache",
        "attic:s3": {
          bucket: "nars",
          list: ["plain", SECRET_PLACEHOLDER],
          notSecret: { secure: "v1:vwx", other: 1 },
        },
      },
    });
  });

  it("names every value it took out", () => {
    expect(prepared.withheld).toEqual(["attic:password", "attic:s3.secretKey", "attic:s3.list[1]"]);
  });

  it("leaves a stack file without secrets as it is", () => {
    const text = "config:\n  attic:name: cache # why\n";
    expect(withoutSecrets(text)).toEqual({ text, withheld: [] });
  });

  it("takes an empty file for a stack without configuration", () => {
    expect(parse(withoutSecrets("# nothing yet\n").text)).toEqual({});
  });

  it("says where YAML is broken", () => {
    expect(() => withoutSecrets("config: [")).toThrow(/not valid YAML.*line 1/s);
  });
});

describe("withSalt", () => {
  it("adds the salt of an earlier run", () => {
    expect(encryptionSalt(withSalt("config: {}\n", "v1:kept"))).toBe("v1:kept");
  });

  it("never replaces the file's own encryption", () => {
    expect(encryptionSalt(withSalt(ENCRYPTED, "v1:kept"))).toBe("v1:abc");
    expect(encryptionSalt(withSalt("secretsprovider: awskms://x\n", "v1:kept"))).toBeUndefined();
  });
});

describe("hasOwnEncryption", () => {
  it.each([
    ["encryptionsalt: v1:abc\n", true],
    ["secretsprovider: awskms://x\n", true],
    ["config: {}\n", false],
  ])("%j: %s", (text, expected) => {
    expect(hasOwnEncryption(text)).toBe(expected);
  });
});
