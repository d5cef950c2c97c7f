package nix

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// KeyPair signs what a cache serves.
type KeyPair struct {
	name    string
	private ed25519.PrivateKey
}

// GenerateKeyPair makes a pair of that name.
func GenerateKeyPair(name string) (KeyPair, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return KeyPair{name, private}, err
}

// ParseKeyPair reads `name:base64` of the 64 bytes of private and public key, and does not ask whether they belong
// together, as the server does not.
func ParseKeyPair(text string) (KeyPair, error) {
	name, payload, found := strings.Cut(text, ":")
	if !found {
		return KeyPair{}, errors.New("Signing error: The string lacks a colon separator.")
	}
	if name == "" {
		return KeyPair{}, errors.New(`Signing error: Invalid signing key name "".`)
	}
	private, err := base64.StdEncoding.Strict().DecodeString(payload)
	if err != nil {
		return KeyPair{}, fmt.Errorf("Signing error: Base64 decode error: %w", err)
	}
	if len(private) != ed25519.PrivateKeySize {
		return KeyPair{}, fmt.Errorf("Signing error: Invalid base64 payload length: Expected %d (keypair), got %d",
			ed25519.PrivateKeySize, len(private))
	}
	return KeyPair{name, private}, nil
}

// String is the form that ParseKeyPair reads, a secret.
func (k KeyPair) String() string {
	return k.name + ":" + base64.StdEncoding.EncodeToString(k.private)
}

// PublicKey is for `trusted-public-keys`.
func (k KeyPair) PublicKey() string {
	return k.name + ":" + base64.StdEncoding.EncodeToString(k.private[32:])
}

func (k KeyPair) sign(message string) string {
	return k.name + ":" + base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, []byte(message)))
}

// IsZero says whether there is no pair.
func (k KeyPair) IsZero() bool { return k.private == nil }
