package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"
)

// Load reads the file, or, without one, ATTIC_SERVER_CONFIG_BASE64, or attic/server.toml where the user's
// configuration is. The real server makes that last file when it runs everything; the double does not.
func Load(path string) (Config, error) {
	text, err := source(path)
	if err != nil {
		return Config{}, err
	}
	return Parse(text)
}

// Parse reads a configuration.
func Parse(text string) (Config, error) {
	var values map[string]any
	if _, err := toml.Decode(text, &values); err != nil {
		return Config{}, fmt.Errorf("TOML parse error: %w", err)
	}
	return parse(table{values: values})
}

func source(path string) (string, error) {
	if path == "" {
		if encoded, given := os.LookupEnv("ATTIC_SERVER_CONFIG_BASE64"); given {
			decoded, err := decodeBase64(encoded)
			return string(decoded), err
		}
		folder, err := os.UserConfigDir()
		if err != nil {
			return "", errors.Join(errors.New("no configuration: give one with -f"), err)
		}
		path = filepath.Join(folder, "attic", "server.toml")
	}
	text, err := os.ReadFile(path)
	return string(text), err
}
