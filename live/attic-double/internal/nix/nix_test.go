package nix

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// From Nix's own documentation of `nix hash convert`.
const (
	base16 = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	base32 = "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"
)

func TestAHashIsTheSameInBothForms(t *testing.T) {
	for _, text := range []string{base16, base32} {
		hash, err := ParseHash(text)
		if err != nil || hash != Hash(sha256.Sum256(nil)) || hash.Base16() != base16 || hash.Base32() != base32 {
			t.Errorf("%s is %s and %s (%v)", text, hash.Base16(), hash.Base32(), err)
		}
	}
}

func TestOtherHashesAreRefused(t *testing.T) {
	for _, text := range []string{"", "sha256", "sha512:" + base16[7:], base16[:70], "sha256:" + strings.Repeat("e", 52), "sha256:z" + base32[8:], base16[:70] + "g"} {
		if hash, err := ParseHash(text); err == nil {
			t.Errorf("%q is taken for %s", text, hash.Base16())
		}
	}
}

func TestAKeyPairComesBackAsItWasAndVerifiesWhatItSigns(t *testing.T) {
	made, err := GenerateKeyPair("main")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKeyPair(made.String())
	if err != nil || key.String() != made.String() {
		t.Fatalf("another key: %v", err)
	}
	hash, _ := ParseHash(base16)
	info := NarInfo{StorePath: "/s/a-x", NarHash: hash, NarSize: 5, References: []string{"a-x", "b-y"}}
	if found := info.fingerprint(); found != "1;/s/a-x;"+base32+";5;/s/a-x,/s/b-y" {
		t.Errorf("the fingerprint is %s", found)
	}
	_, text, _ := strings.Cut(info.Signed(key), "\nSig: main:")
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || !ed25519.Verify(ed25519.PublicKey(key.private[32:]), []byte(info.fingerprint()), signature) {
		t.Errorf("%q does not verify (%v)", text, err)
	}
}
