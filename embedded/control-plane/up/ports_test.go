package up

import (
	"maps"
	"slices"
	"testing"
)

func choose(t *testing.T, l layout, apiserver int) ports {
	t.Helper()
	p, err := choosePorts(l, apiserver)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPortsAreDistinctAndRemembered(t *testing.T) {
	l := newLayout(t)
	first := choose(t, l, 0)
	numbers := slices.Sorted(maps.Values(first))
	if len(slices.Compact(numbers)) != len(portNames) {
		t.Fatalf("two listeners share a port: %v", first)
	}
	if again := choose(t, l, 0); !maps.Equal(first, again) {
		t.Fatalf("%v was forgotten for %v", first, again)
	}
}

func TestATakenPortIsReplacedAndTheOthersAreKept(t *testing.T) {
	l := newLayout(t)
	first := choose(t, l, 0)
	listener, err := listenLocal(first["etcd"])
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	second := choose(t, l, 0)
	if second["etcd"] == first["etcd"] {
		t.Fatal("a taken port was chosen")
	}
	second["etcd"] = first["etcd"]
	if !maps.Equal(first, second) {
		t.Fatalf("free ports were replaced: %v, %v", first, second)
	}
}

func TestAPortThatWasAskedForIsUsedOrRefused(t *testing.T) {
	l := newLayout(t)
	listener, err := listenLocal(0)
	if err != nil {
		t.Fatal(err)
	}
	port := portOf(listener)
	if _, err := choosePorts(l, port); err == nil {
		t.Fatal("a taken port was accepted")
	}
	listener.Close()
	if got := choose(t, l, port)["kube-apiserver"]; got != port {
		t.Fatalf("asked for %d, got %d", port, got)
	}
}
