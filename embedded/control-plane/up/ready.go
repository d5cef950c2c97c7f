package up

import (
	"bytes"
	"encoding/json"
	"os"
	"time"

	"k8s.io/component-base/version"
)

// processIdentity tells a process from a later one with its pid: the two together never come
// again while the machine runs, so what a killed supervisor left behind is told from a living one.
type processIdentity struct {
	PID       int    `json:"pid"`
	StartTime string `json:"startTime"` // field 22 of /proc/PID/stat: clock ticks since the machine's start
}

// readiness is ready.json: there exactly while the control plane is up.
type readiness struct {
	processIdentity
	Server     string  `json:"server"`
	Kubeconfig string  `json:"kubeconfig"`
	Nodes      int     `json:"nodes"`
	Version    string  `json:"version"`
	Seconds    float64 `json:"seconds"` // from the supervisor's start to ready
}

func writeReady(l layout, server string, nodes int, took time.Duration) error {
	content, err := json.MarshalIndent(readiness{
		processIdentity: self(), Server: server, Kubeconfig: l.kubeconfig(adminUser),
		Nodes: nodes, Version: version.Get().GitVersion, Seconds: float64(took.Milliseconds()) / 1000,
	}, "", "  ")
	if err != nil {
		return err
	}
	return writeAtomically(l.file("ready.json"), append(content, '\n'))
}

func self() processIdentity {
	identity := processIdentity{PID: os.Getpid()}
	// The second field is a name in brackets that may hold anything; count from after it.
	content, _ := os.ReadFile("/proc/self/stat")
	fields := bytes.Fields(content[bytes.LastIndexByte(content, ')')+1:])
	if index := 22 - 3; len(fields) > index {
		identity.StartTime = string(fields[index])
	}
	return identity
}
