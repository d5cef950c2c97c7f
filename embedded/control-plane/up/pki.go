package up

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"
)

const (
	certificateLife = 365 * 24 * time.Hour
	// A control plane that starts with less than this left gets new certificates, so that none runs
	// out under a session.
	renewBefore = 30 * 24 * time.Hour

	clusterCA    = "ca"
	etcdCA       = "etcd-ca"        // its own: a certificate signed by the cluster must not open etcd
	frontProxyCA = "front-proxy-ca" // its own: it vouches for user names in headers

	adminUser = "admin"
	masters   = "system:masters"
)

// identity is one certificate: always good as a client, and with hosts as a server too.
type identity struct {
	name, ca, commonName string
	groups, hosts        []string
}

const loopbackAddress = "127.0.0.1"

var loopback = []string{loopbackAddress, "localhost"}

// identitiesOf are those of every part, and of every real node.
//
// KWOK and metrics-server are members of system:masters: they stand in for kubelets and are no part
// of what is being tried out.
func identitiesOf(o options) []identity {
	return append([]identity{
		{name: "etcd", ca: etcdCA, commonName: "etcd", hosts: loopback},
		{name: "etcd-client", ca: etcdCA, commonName: "kube-apiserver"},
		{name: "apiserver", ca: clusterCA, commonName: "kube-apiserver", hosts: append([]string{
			"kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local", "10.96.0.1", o.address}, loopback...)},
		{name: "apiserver-kubelet-client", ca: clusterCA, commonName: "kube-apiserver-kubelet-client", groups: []string{masters}},
		{name: "front-proxy-client", ca: frontProxyCA, commonName: "front-proxy-client"},
		{name: "kubelet", ca: clusterCA, commonName: "kubelet", hosts: loopback},
		{name: "kube-controller-manager", ca: clusterCA, commonName: "system:kube-controller-manager", hosts: loopback},
		{name: "kube-scheduler", ca: clusterCA, commonName: "system:kube-scheduler", hosts: loopback},
		{name: "metrics-server", ca: clusterCA, commonName: "metrics-server", groups: []string{masters},
			hosts: append([]string{"metrics-server.kube-system.svc"}, loopback...)},
		{name: "kwok", ca: clusterCA, commonName: "kwok-controller", groups: []string{masters}},
		{name: adminUser, ca: clusterCA, commonName: "local-admin", groups: []string{masters}},
	}, o.kubelets.identities()...)
}

// ensurePKI leaves a full, matching set of keys and certificates in the state directory: the one that
// is there while every certificate has 30 days left, else a new one of a year. The key that signs
// ServiceAccount tokens is kept in any case. It says whether it made a new set.
func ensurePKI(l layout, identities []identity, now time.Time) (renewed bool, err error) {
	if err := ensureTokenKey(l); err != nil {
		return false, err
	}
	if checkPKI(l, identities, now) == nil {
		return false, nil
	}
	authorities := map[string]*authority{}
	for _, name := range []string{clusterCA, etcdCA, frontProxyCA} {
		if authorities[name], err = newAuthority(l, name, now); err != nil {
			return false, fmt.Errorf("make the certificate authority %s: %w", name, err)
		}
	}
	for _, id := range identities {
		if err := authorities[id.ca].issue(l, id, now); err != nil {
			return false, fmt.Errorf("issue the certificate of %s: %w", id.name, err)
		}
	}
	return true, nil
}

// checkPKI says why the set on disk cannot be used, or nil.
func checkPKI(l layout, identities []identity, now time.Time) error {
	pools := map[string]*x509.CertPool{}
	for _, name := range []string{clusterCA, etcdCA, frontProxyCA} {
		pair, err := tls.LoadX509KeyPair(l.pki(name+".crt"), l.pki(name+".key"))
		if err != nil {
			return err
		}
		pools[name] = x509.NewCertPool()
		pools[name].AddCert(pair.Leaf)
	}
	for _, id := range identities {
		pair, err := tls.LoadX509KeyPair(l.pki(id.name+".crt"), l.pki(id.name+".key"))
		if err != nil {
			return err
		}
		// Looking from 30 days ahead finds a leaf and an authority that are about to run out.
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{
			Roots: pools[id.ca], CurrentTime: now.Add(renewBefore), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		}); err != nil {
			return fmt.Errorf("%s: %w", id.name, err)
		}
		for _, host := range id.hosts {
			if err := pair.Leaf.VerifyHostname(host); err != nil {
				return fmt.Errorf("%s: %w", id.name, err)
			}
		}
	}
	return nil
}

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(l layout, name string, now time.Time) (*authority, error) {
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "embedded-" + name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	return writePair(l, name, template, nil, now)
}

func (a *authority) issue(l layout, id identity, now time.Time) error {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: id.commonName, Organization: id.groups},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	for _, host := range id.hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	if len(id.hosts) > 0 {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	_, err := writePair(l, id.name, template, a, now)
	return err
}

// writePair makes a key and its certificate, signed by the parent or, without one, by itself.
func writePair(l layout, name string, template *x509.Certificate, parent *authority, now time.Time) (*authority, error) {
	key, err := writeNewKey(l.pki(name + ".key"))
	if err != nil {
		return nil, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return nil, err
	}
	template.NotBefore, template.NotAfter = now.Add(-time.Hour), now.Add(certificateLife)
	signer := &authority{template, key}
	if parent != nil {
		signer = parent
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.certificate, &key.PublicKey, signer.key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{certificate, key}, os.WriteFile(l.pki(name+".crt"),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
}

func writeNewKey(path string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600)
}

// ensureTokenKey makes the key pair of ServiceAccount tokens. It has no certificate and so no end:
// tokens in kept state stay good when certificates are renewed.
func ensureTokenKey(l layout) error {
	if _, err := os.Stat(l.pki("service-account.pub")); err == nil {
		return nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	key, err := writeNewKey(l.pki("service-account.key"))
	if err != nil {
		return fmt.Errorf("make the key of ServiceAccount tokens: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	return os.WriteFile(l.pki("service-account.pub"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600)
}
