package up

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
)

// errPortTaken means that a part lost its port between our probe and its own listening.
var errPortTaken = errors.New("a port was taken by another process")

// portNames are the listeners, in the order they are chosen; all of them on 127.0.0.1.
var portNames = []string{"kube-apiserver", "etcd", "etcd-peer", "kube-controller-manager", "kube-scheduler", "kwok", "metrics-server"}

type ports map[string]int

// choosePorts gives every listener a port: the remembered one if it is free, else any free one, and
// remembers the choice so that a kubeconfig in use stays right over a stop and start. A port asked
// for (apiserver other than 0) is used or refused, never replaced.
func choosePorts(l layout, apiserver int) (ports, error) {
	remembered := ports{}
	if content, err := os.ReadFile(l.file("ports.json")); err == nil {
		// An unreadable memory is no memory.
		_ = json.Unmarshal(content, &remembered)
	}
	if apiserver != 0 {
		remembered["kube-apiserver"] = apiserver
	}
	chosen := ports{}
	var held []net.Listener // held until all are chosen: no two listeners get one port
	defer func() {
		for _, listener := range held {
			listener.Close()
		}
	}()
	for _, name := range portNames {
		listener, err := listenLocal(remembered[name])
		if err != nil && name == "kube-apiserver" && apiserver != 0 {
			return nil, fmt.Errorf("port %d was asked for but cannot be used: %w", apiserver, err)
		}
		if err != nil {
			if listener, err = listenLocal(0); err != nil {
				return nil, fmt.Errorf("find a free port for %s: %w", name, err)
			}
		}
		held = append(held, listener)
		chosen[name] = portOf(listener)
	}
	content, err := json.MarshalIndent(chosen, "", "  ")
	if err != nil {
		return nil, err
	}
	return chosen, writeAtomically(l.file("ports.json"), append(content, '\n'))
}

func listenLocal(port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

func portOf(listener net.Listener) int { return listener.Addr().(*net.TCPAddr).Port }

func (p ports) url(name string) string { return p.urlAt(loopbackAddress, name) }

func (p ports) urlAt(address, name string) string {
	return fmt.Sprintf("https://%s:%d", address, p[name])
}

func (p ports) flag(name string) string { return fmt.Sprintf("--secure-port=%d", p[name]) }
