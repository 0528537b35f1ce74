// Company sign-in for an application on net/http: e-mail address, identity provider, session, sign-out, and the page on which a
// customer's administrator connects their identity provider.
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

type app struct {
	api              *api
	url, publicToken string
	verify           func(string) (session, error)
}

func main() {
	base, project, port := needed("BASE"), needed("PROJECT_ID"), or(os.Getenv("PORT"), "3000")
	verify, err := verifier(context.Background(), base, project)
	if err != nil {
		log.Fatal(err)
	}
	app := &app{
		api:         newAPI(base, project, needed("SECRET")),
		url:         or(os.Getenv("APP_URL"), "http://localhost:"+port),
		publicToken: needed("PUBLIC_TOKEN"),
		verify:      verify,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", app.home)
	mux.HandleFunc("POST /login", app.login)
	mux.HandleFunc("GET /authenticate", app.authenticate)
	mux.HandleFunc("POST /logout", app.logout)
	mux.HandleFunc("GET /account", app.signedIn(app.account))
	mux.HandleFunc("GET /admin/connections", app.signedInNow(app.connections))
	mux.HandleFunc("POST /admin/connections", app.signedInNow(app.createConnection))
	mux.HandleFunc("POST /admin/connections/{id}", app.signedInNow(app.updateConnection))
	server := http.Server{Addr: "localhost:" + port, Handler: private(ownForms(mux)), ReadHeaderTimeout: 5 * time.Second}
	log.Printf("Open %s", app.url)
	log.Fatal(server.ListenAndServe())
}

// private: pages about a person are in no cache, and an address with a token is told to nobody.
func private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// ownForms: what changes something is taken from our own pages alone: another site could sign visitors in as somebody else, or out.
// A Lax cookie does not stop that: signing in needs none, and another port or subdomain counts as the same site.
func ownForms(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page(w, http.StatusForbidden, "refused", body{"Notice": "This was sent from a page of another site."})
	}))
	return protection.Handler(next)
}

func (app *app) home(w http.ResponseWriter, r *http.Request) {
	page(w, http.StatusOK, "sign-in", body{"Notice": notices[r.FormValue("notice")]})
}

func (app *app) login(w http.ResponseWriter, r *http.Request) {
	email := strings.ToLower(strings.TrimSpace(r.PostFormValue("email")))
	found, err := app.api.organizationOf(r.Context(), email, email[strings.LastIndex(email, "@")+1:])
	if err != nil {
		app.answer(w, err)
		return
	}
	if found == nil {
		page(w, http.StatusNotFound, "sign-in", body{"Notice": notices["unknown"]})
		return
	}
	// PKCE: only the browser that began can finish, because only it has the verifier.
	verifier := rand.Text() + rand.Text()
	app.setCookie(w, "pkce_verifier", verifier, 10*time.Minute)
	challenge := sha256.Sum256([]byte(verifier))
	start := url.Values{
		"public_token":        {app.publicToken},
		"connection_id":       {found.connection()},
		"pkce_code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"login_redirect_url":  {app.url + "/authenticate"},
		"signup_redirect_url": {app.url + "/authenticate"},
		"login_hint":          {email},
	}
	http.Redirect(w, r, app.api.base+"/v1/public/sso/start?"+start.Encode(), http.StatusSeeOther)
}

func (app *app) authenticate(w http.ResponseWriter, r *http.Request) {
	verifier, token := cookie(r, "pkce_verifier"), r.FormValue("token")
	// A sign-in that nobody began here: from a tile at the provider, or somebody else's link. Begin a new one.
	if verifier == "" || token == "" {
		away(w, r, "/", "begin")
		return
	}
	in := body{"sso_token": token, "pkce_code_verifier": verifier, "session_duration_minutes": 8 * 60}
	var found signedIn
	if err := app.api.call(r.Context(), "POST", "/v1/b2b/sso/authenticate", "", in, &found); err != nil {
		app.answer(w, err)
		return
	}
	app.setCookie(w, "pkce_verifier", "", -1)
	// What the company asks for beside: go on with `intermediate_session_token` (docs/guides/second-factors.md).
	if found.Token == "" {
		away(w, r, "/", "second-factor")
		return
	}
	app.keep(w, found)
	// Away from the address with the token, which is spent: a reload must not send it again.
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}

func (app *app) account(w http.ResponseWriter, r *http.Request, session session) error {
	path := "/v1/b2b/organizations/" + url.PathEscape(session.Organization)
	var found struct {
		Organization organization
		Member       struct {
			Email string `json:"email_address"`
		}
	}
	query := "/member?member_id=" + url.QueryEscape(session.Member)
	if err := app.api.call(r.Context(), "GET", path+query, "", nil, &found); err != nil {
		return err
	}
	return page(w, http.StatusOK, "account", body{
		"Email": found.Member.Email, "Organization": found.Organization.Name, "Roles": strings.Join(session.Roles, ", "),
	})
}

func (app *app) logout(w http.ResponseWriter, r *http.Request) {
	if token := cookie(r, "session_token"); token != "" {
		in := body{"session_token": token}
		if err := app.api.call(r.Context(), "POST", "/v1/b2b/sessions/revoke", "", in, &struct{}{}); err != nil {
			log.Print(err) // it had ended already
		}
	}
	app.forget(w)
	away(w, r, "/", "signed-out")
}

// --- the customer's administrator connects their identity provider. With the member's own session beside our credentials, the
// server checks what this member may do.

func (app *app) connections(w http.ResponseWriter, r *http.Request, session session) error {
	return app.showConnections(w, r, session, notices[r.FormValue("notice")])
}

func (app *app) showConnections(w http.ResponseWriter, r *http.Request, session session, notice string) error {
	var found struct {
		Connections []connection `json:"oidc_connections"`
	}
	path := "/v1/b2b/sso/" + url.PathEscape(session.Organization)
	if err := app.api.call(r.Context(), "GET", path, cookie(r, "session_token"), nil, &found); err != nil {
		return err
	}
	return page(w, http.StatusOK, "connections", body{"Connections": found.Connections, "Notice": notice})
}

// createConnection: SAML is the same at /v1/b2b/sso/saml: show acs_url and audience_uri, take metadata_url.
func (app *app) createConnection(w http.ResponseWriter, r *http.Request, session session) error {
	in := body{"display_name": r.PostFormValue("display_name")}
	path := connectionsPath(session.Organization)
	if err := app.api.call(r.Context(), "POST", path, cookie(r, "session_token"), in, &struct{}{}); err != nil {
		return err
	}
	away(w, r, "/admin/connections", "created")
	return nil
}

func (app *app) updateConnection(w http.ResponseWriter, r *http.Request, session session) error {
	in := body{}
	for _, name := range []string{"issuer", "client_id", "client_secret"} {
		in[name] = r.PostFormValue(name)
	}
	var changed struct{ Warning string }
	path := connectionsPath(session.Organization) + "/connections/" + url.PathEscape(r.PathValue("id"))
	if err := app.api.call(r.Context(), "PUT", path, cookie(r, "session_token"), in, &changed); err != nil {
		return err
	}
	// The server's own words go into the answer itself, not into an address.
	if changed.Warning != "" {
		return app.showConnections(w, r, session, notices["saved"]+" "+changed.Warning)
	}
	away(w, r, "/admin/connections", "saved")
	return nil
}

// --- answers --------------------------------------------------------------------------------------------------------

// answer: what the server refused is said as it said it; what is wrong here is not for the visitor.
func (app *app) answer(w http.ResponseWriter, err error) {
	if err == nil {
		return
	}
	status, sentence := http.StatusInternalServerError, "Please try again."
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError {
		status, sentence = refusal.Status, refusal.Message
	} else {
		log.Print(err)
	}
	page(w, status, "refused", body{"Notice": sentence})
}

func needed(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("%s is not set: paste the export lines that vestibule dev printed", name)
	}
	return value
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
