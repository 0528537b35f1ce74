package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// The part of the API that this application uses. The official client for Go (WithBaseURI) knows all of it; over net/http it
// is this little.
type api struct {
	base, project, secret string
	http                  http.Client
}

// Refusal is what the server says when it says no.
type Refusal struct {
	Status  int    `json:"status_code"`
	Message string `json:"error_message"`
}

func (refusal *Refusal) Error() string { return refusal.Message }

type (
	connection struct {
		ID          string `json:"connection_id"`
		Name        string `json:"display_name"`
		Status      string `json:"status"`
		RedirectURL string `json:"redirect_url"`
		Issuer      string `json:"issuer"`
		ClientID    string `json:"client_id"`
	}
	organization struct {
		ID      string       `json:"organization_id"`
		Name    string       `json:"organization_name"`
		Default string       `json:"sso_default_connection_id"`
		Active  []connection `json:"sso_active_connections"`
	}
	session struct {
		Organization string    `json:"organization_id"`
		Member       string    `json:"member_id"`
		Roles        []string  `json:"roles"`
		ExpiresAt    time.Time `json:"expires_at"`
	}
	signedIn struct {
		Token   string  `json:"session_token"`
		JWT     string  `json:"session_jwt"`
		Session session `json:"member_session"`
	}
	body map[string]any
)

func newAPI(base, project, secret string) *api {
	return &api{base, project, secret, http.Client{Timeout: 10 * time.Second}}
}

// call asks the server. With a member's session token it does what that member may do, else all that the project may.
func (api *api) call(ctx context.Context, method, path, member string, in body, out any) error {
	var payload bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&payload).Encode(in); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, api.base+path, &payload)
	if err != nil {
		return err
	}
	request.SetBasicAuth(api.project, api.secret)
	request.Header.Set("Content-Type", "application/json")
	if member != "" {
		request.Header.Set("X-Stytch-Member-Session", member)
	}
	response, err := api.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		refusal := &Refusal{}
		if err := json.NewDecoder(response.Body).Decode(refusal); err != nil {
			return err
		}
		return refusal
	}
	return json.NewDecoder(response.Body).Decode(out)
}

// organizationOf answers the organization that signs people with this address in: theirs if they are a member, else the one that
// has proved the domain. The filter allowed_domains would be wrong here: an organization's own administrators set it, to any
// domain they like.
func (api *api) organizationOf(ctx context.Context, email, domain string) (*organization, error) {
	found, err := api.onlyOne(ctx, "member_emails", email)
	if found != nil || err != nil {
		return found, err
	}
	return api.onlyOne(ctx, "claimed_email_domains", domain)
}

// onlyOne answers nothing when there are several: do not list them, anybody can type any address. Give such people a link that
// names their organization.
func (api *api) onlyOne(ctx context.Context, filter, value string) (*organization, error) {
	operand := body{"filter_name": filter, "filter_value": []string{value}}
	in := body{"query": body{"operator": "AND", "operands": []body{operand}}}
	var out struct{ Organizations []organization }
	if err := api.call(ctx, "POST", "/v1/b2b/organizations/search", "", in, &out); err != nil {
		return nil, err
	}
	var ready []organization
	for _, one := range out.Organizations {
		if len(one.Active) > 0 {
			ready = append(ready, one)
		}
	}
	if len(ready) != 1 {
		return nil, nil
	}
	return &ready[0], nil
}

func (organization *organization) connection() string {
	if organization.Default != "" {
		return organization.Default
	}
	return organization.Active[0].ID
}

func connectionsPath(organization string) string {
	return "/v1/b2b/sso/oidc/" + url.PathEscape(organization)
}
