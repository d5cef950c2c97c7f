package nix

import (
	"fmt"
	"path"
	"strings"
)

// NarInfo describes a store path to Nix.
type NarInfo struct {
	StorePath, URL, Compression string
	NarHash                     Hash
	NarSize                     int64
	// Names without the store's folder.
	References  []string
	Deriver, CA *string
}

// fingerprint is what Nix verifies the signature of.
func (n NarInfo) fingerprint() string {
	references := make([]string, len(n.References))
	for i, name := range n.References {
		references[i] = path.Dir(n.StorePath) + "/" + name
	}
	return fmt.Sprintf("1;%s;%s;%d;%s", n.StorePath, n.NarHash.Base32(), n.NarSize, strings.Join(references, ","))
}

// Signed is the text with a signature.
func (n NarInfo) Signed(by KeyPair) string {
	var text strings.Builder
	line := func(key, value string) { fmt.Fprintf(&text, "%s: %s\n", key, value) }
	line("StorePath", n.StorePath)
	line("URL", n.URL)
	line("Compression", n.Compression)
	line("NarHash", n.NarHash.Base16())
	line("NarSize", fmt.Sprint(n.NarSize))
	line("References", strings.Join(n.References, " "))
	if n.Deriver != nil {
		line("Deriver", *n.Deriver)
	}
	line("Sig", by.sign(n.fingerprint()))
	if n.CA != nil {
		line("CA", *n.CA)
	}
	return text.String()
}
