// Command cnpg-stand-in runs the real CloudNativePG operator on a control plane whose pods are
// simulated, and stands in for what is missing there:
//
//   - the kubelet of the operator's pod: its ServiceAccount token and the Secret mounted into it;
//   - the instance managers, which the operator asks at every database pod's address.
//
// No PostgreSQL runs, no byte of SQL is stored, logged or backed up.
//
// `up` is the part in the network of this machine; it starts `inside`, the part in a network
// namespace of its own, where every pod's address leads to it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// exitNoNamespaces tells the caller that this machine gives no namespaces, which is no fault of ours.
const exitNoNamespaces = 3

func main() {
	if len(os.Args) != 3 || (os.Args[1] != "up" && os.Args[1] != "inside") {
		fmt.Fprintln(os.Stderr, "usage: cnpg-stand-in up DIRECTORY (the directory holds settings.json)")
		os.Exit(2)
	}
	s, err := readSettings(os.Args[2])
	if err == nil {
		if os.Args[1] == "up" {
			err = up(s)
		} else {
			err = inside(s)
		}
	}
	if err != nil {
		fmt.Println("failed:", err)
		if errors.Is(err, errNoNamespaces) {
			os.Exit(exitNoNamespaces)
		}
		os.Exit(1)
	}
}

// settings say what to run. They hold no secret.
type settings struct {
	dir string

	Version  string            `json:"version"`
	Operator string            `json:"operator"` // the operator's binary
	Args     []string          `json:"args"`     // its arguments and environment, from its own Deployment
	Env      map[string]string `json:"env"`

	Server         string   `json:"server"` // of the API server, on 127.0.0.1
	Namespace      string   `json:"namespace"`
	ServiceAccount string   `json:"serviceAccount"`
	StandIn        string   `json:"standIn"` // our own ServiceAccount, in the same namespace
	WebhookSecret  string   `json:"webhookSecret"`
	WebhookPort    int      `json:"webhookPort"` // on 127.0.0.1, for the API server
	Owner          identity `json:"owner"`       // the process we end with
	StopOnStdinEOF bool     `json:"stopOnStdinEOF"`
}

func readSettings(dir string) (settings, error) {
	s := settings{dir: dir}
	content, err := os.ReadFile(s.file("settings.json"))
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(content, &s)
}

func (s settings) file(name ...string) string {
	return filepath.Join(append([]string{s.dir}, name...)...)
}

// writeAtomically gives readers either the old content or the new, never a part.
func writeAtomically(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
