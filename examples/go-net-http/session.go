package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// claims of a session's JWT.
type claims struct {
	jwt.RegisteredClaims
	Session      session      `json:"https://stytch.com/session"`
	Organization organization `json:"https://stytch.com/organization"`
}

// verifier checks a JWT: signature against the project's published keys, issuer, audience and time.
func verifier(ctx context.Context, base, project string) (func(string) (session, error), error) {
	// Fetched every hour, and for a key that is not known, at most once in five minutes: anybody can name one. Nobody waits a minute,
	// as they would by default, until the keys may be fetched again: signedIn asks the server instead.
	keys, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{base + "/v1/b2b/sessions/jwks/" + project}, keyfunc.Override{
		HTTPTimeout:      10 * time.Second,
		RateLimitWaitMax: time.Second,
	})
	if err != nil {
		return nil, err
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256"}),
		jwt.WithIssuer("stytch.com/"+project),
		jwt.WithAudience(project),
		jwt.WithExpirationRequired(),
	)
	return func(token string) (session, error) {
		var found claims
		if _, err := parser.ParseWithClaims(token, &found, keys.Keyfunc); err != nil {
			return session{}, err
		}
		found.Session.Member, found.Session.Organization = found.Subject, found.Organization.ID
		return found.Session, nil
	}, nil
}

type handler func(http.ResponseWriter, *http.Request, session) error

// signedIn tells who asks by the JWT alone, without a request to the server. The price: a JWT is good for five minutes after it
// was made, so whoever was signed out elsewhere, or removed, still gets in for up to five minutes. Where that is too long, use
// signedInNow.
func (app *app) signedIn(next handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		found, err := app.verify(cookie(r, "session_jwt"))
		if err != nil {
			app.signedInNow(next)(w, r)
			return
		}
		app.answer(w, next(w, r, found))
	}
}

// signedInNow tells who asks by the server's word: what was revoked a moment ago is refused, and the browser gets a fresh JWT.
func (app *app) signedInNow(next handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token := cookie(r, "session_token")
		if token == "" {
			away(w, r, "/", "sign-in")
			return
		}
		var found signedIn
		err := app.api.call(r.Context(), "POST", "/v1/b2b/sessions/authenticate", "", body{"session_token": token}, &found)
		var refusal *Refusal
		if errors.As(err, &refusal) && refusal.Status == http.StatusNotFound {
			app.forget(w)
			away(w, r, "/", "again")
			return
		}
		if err != nil {
			app.answer(w, err)
			return
		}
		app.keep(w, found)
		app.answer(w, next(w, r, found.Session))
	}
}

// keep: the browser has two, the JWT that is checked here, and the opaque token that gets the next one.
func (app *app) keep(w http.ResponseWriter, found signedIn) {
	left := time.Until(found.Session.ExpiresAt)
	app.setCookie(w, "session_token", found.Token, left)
	app.setCookie(w, "session_jwt", found.JWT, left)
}

func (app *app) forget(w http.ResponseWriter) {
	app.setCookie(w, "session_token", "", -1)
	app.setCookie(w, "session_jwt", "", -1)
}

// setCookie: scripts do not read it. Lax lets the provider's redirect through; it does not stop other sites' forms, ownForms does.
func (app *app) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	seconds := int(life.Seconds())
	if life < 0 {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(app.url, "https:"),
	})
}

func cookie(r *http.Request, name string) string {
	found, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return found.Value
}
