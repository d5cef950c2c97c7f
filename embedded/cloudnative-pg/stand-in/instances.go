package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strconv"
)

// instances answers for the instance managers of all database pods.
type instances struct {
	api       *api
	timelines *timelines
	version   string
	hash      string // of the operator's binary, which the instance managers are copies of
}

func newInstances(s settings, a *api, t *timelines) (*instances, error) {
	file, err := os.Open(s.Operator)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return nil, err
	}
	return &instances{api: a, timelines: t, version: s.Version, hash: hex.EncodeToString(hash.Sum(nil))}, nil
}

func (i *instances) serve(listener net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /pg/status", i.status)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("asked for what needs a PostgreSQL:", r.Method, r.URL.Path)
		http.Error(w, "no PostgreSQL runs here: this is a stand-in for its instance manager", http.StatusNotImplemented)
	})
	server := &http.Server{
		Handler:   mux,
		ErrorLog:  log.New(io.Discard, "", 0), // a pod that goes away meanwhile has no certificate, and need not be told of
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: i.certificate},
	}
	return server.ServeTLS(listener, "", "")
}

// at finds the pod of an address that was called.
func (i *instances) at(ctx context.Context, address net.Addr) (*pod, error) {
	ip := address.(*net.TCPAddr).IP.String()
	query := url.Values{"labelSelector": {"cnpg.io/podRole=instance"}, "fieldSelector": {"status.podIP=" + ip + ",status.phase=Running"}}
	var list struct{ Items []pod }
	if err := i.api.get(ctx, "/api/v1/pods?"+query.Encode(), &list); err != nil {
		return nil, err
	}
	for _, each := range list.Items {
		if each.ready() {
			return &each, nil
		}
	}
	return nil, fmt.Errorf("no database pod that is ready has the address %s", ip)
}

func (i *instances) clusterOf(ctx context.Context, p *pod) (*cluster, error) {
	c := &cluster{Metadata: metadata{Namespace: p.Metadata.Namespace, Name: p.Metadata.Labels["cnpg.io/cluster"]}}
	return c, i.api.get(ctx, c.path(), c)
}

// certificate is the one that the operator issued for the cluster of the pod that is called.
func (i *instances) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	ctx := hello.Context()
	p, err := i.at(ctx, hello.Conn.LocalAddr())
	if err != nil {
		return nil, err
	}
	c, err := i.clusterOf(ctx, p)
	if err != nil {
		return nil, err
	}
	var secret struct{ Data map[string][]byte }
	path := fmt.Sprintf("/api/v1/namespaces/%s/secrets/%s", p.Metadata.Namespace, c.Status.Certificates.ServerTLSSecret)
	if err := i.api.get(ctx, path, &secret); err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"])
	return &pair, err
}

// status says what a healthy instance says: the primary that it is at the end of its log, a replica
// that it has received and replayed all of it.
func (i *instances) status(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	p, err := i.at(ctx, ctx.Value(http.LocalAddrContextKey).(net.Addr))
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	c, err := i.clusterOf(ctx, p)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	primary, timeline := primaryOf(c), i.timelines.of(c)
	answer := map[string]any{
		"systemID": systemID(c), "timeLineID": timeline, "node": p.Spec.NodeName, "sessionID": p.Metadata.UID,
		"executableHash": i.hash, "instanceManagerVersion": i.version, "instanceArch": runtime.GOARCH,
	}
	if primary == p.Metadata.Name {
		answer["isPrimary"] = true
		answer["currentLsn"], answer["currentWAL"] = "0/6000060", fmt.Sprintf("%08X0000000000000006", timeline)
	} else {
		// The operator elects nobody while a replica still receives from the one that is to go.
		source, err := i.api.instance(ctx, p.Metadata.Namespace, primary)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		answer["isWalReceiverActive"] = source.ready()
		answer["receivedLsn"], answer["replayLsn"] = "0/6000060", "0/6000060"
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// systemID is the number that tells one database cluster from another.
func systemID(c *cluster) string {
	sum := sha256.Sum256([]byte(c.Metadata.UID))
	return strconv.FormatUint(7<<60|binary.BigEndian.Uint64(sum[:8])>>8, 10)
}
