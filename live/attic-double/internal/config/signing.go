package config

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Key is what tokens are verified by: exactly one of its parts is set.
type Key struct {
	RSA  *rsa.PublicKey
	HMAC []byte
}

type decoder func(text string) (Key, error)

// In the order in which they are looked for.
var keyKinds = []struct {
	field, variable string
	decode          decoder
}{
	{"token-rs256-pubkey-base64", "ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64", publicKey},
	{"token-rs256-secret-base64", "ATTIC_SERVER_TOKEN_RS256_SECRET_BASE64", privateKey},
	{"token-hs256-secret-base64", "ATTIC_SERVER_TOKEN_HS256_SECRET_BASE64", sharedSecret},
}

// keyFromTable reads [jwt.signing], which has one key, and nothing beside it.
func keyFromTable(t table) (Key, error) {
	if len(t.values) != 1 {
		return Key{}, fmt.Errorf("[%s] must have exactly one key", t.name)
	}
	for _, kind := range keyKinds {
		text, given, err := optional[string](t, kind.field)
		if err != nil {
			return Key{}, err
		}
		if given {
			return kind.decode(text)
		}
	}
	return Key{}, fmt.Errorf("unknown variant in [%s]", t.name)
}

// keyFromEnvironment takes the first variable that is not empty.
// Its errors end the program as a panic of the real server does.
func keyFromEnvironment() (Key, error) {
	for _, kind := range keyKinds {
		text := os.Getenv(kind.variable)
		if text == "" {
			continue
		}
		key, err := kind.decode(text)
		if err != nil {
			return Key{}, Panic{fmt.Errorf("%s cannot be decoded: %w", kind.variable, err)}
		}
		return key, nil
	}
	return Key{}, Panic{errors.New("no key for tokens: set one in [jwt.signing] (token-rs256-pubkey-base64, " +
		"token-rs256-secret-base64 or token-hs256-secret-base64), or in the environment " +
		"(ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64, …_RS256_SECRET_BASE64 or …_HS256_SECRET_BASE64)")}
}

// decodeBase64 takes padded base64 on one line; Go's own decoder overlooks line ends.
func decodeBase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("base64 has line ends in it")
	}
	return base64.StdEncoding.Strict().DecodeString(text)
}

func pemBlock(text string) (*pem.Block, error) {
	decoded, err := decodeBase64(text)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(decoded)
	if block == nil {
		return nil, errors.New("no PEM in it")
	}
	return block, nil
}

func publicKey(text string) (Key, error) {
	block, err := pemBlock(text)
	if err != nil {
		return Key{}, err
	}
	if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
		return rsaKey(key)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return Key{}, err
	}
	return rsaKey(key)
}

func privateKey(text string) (Key, error) {
	block, err := pemBlock(text)
	if err != nil {
		return Key{}, err
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return rsaKey(&key.PublicKey)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return Key{}, err
	}
	if private, is := key.(*rsa.PrivateKey); is {
		return rsaKey(&private.PublicKey)
	}
	return Key{}, errors.New("not an RSA key")
}

func rsaKey(key any) (Key, error) {
	public, is := key.(*rsa.PublicKey)
	if !is {
		return Key{}, errors.New("not an RSA key")
	}
	return Key{RSA: public}, nil
}

func sharedSecret(text string) (Key, error) {
	secret, err := decodeBase64(text)
	return Key{HMAC: secret}, err
}
