{{- define "sallyport.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sallyport.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sallyport.labels" -}}
{{ include "sallyport.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "sallyport.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "sallyport.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "sallyport.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The Secret made from values given in the clear. */}}
{{- define "sallyport.ownSecret" -}}
{{- printf "%s-given" (include "sallyport.fullname" .) -}}
{{- end -}}

{{/* What cannot be guessed is asked for in one sentence each. */}}
{{- define "sallyport.require" -}}
{{- if not .Values.image.repository -}}
{{- fail "image.repository is not set: the registry path of the Sallyport image you pushed" -}}
{{- end -}}
{{- if not (and .Values.authDomain .Values.consoleDomain) -}}
{{- fail "authDomain and consoleDomain are not set: the host names of the login and of the admin API" -}}
{{- end -}}
{{- if eq .Values.authDomain .Values.consoleDomain -}}
{{- fail "authDomain and consoleDomain must differ" -}}
{{- end -}}
{{- if and (eq .Values.publicScheme "http") (eq (int .Values.publicPort) 443) -}}
{{- fail "publicPort is 443 while publicScheme is http: browsers would be sent to http://…:443; set publicPort to 80, or publicScheme to https" -}}
{{- end -}}
{{- if not .Values.database.url -}}
{{- fail "database.url is not set: replicas share one external PostgreSQL (jdbc:postgresql://host:5432/sallyport); the embedded one belongs to a single process" -}}
{{- end -}}
{{- if not (or .Values.database.existingSecret .Values.database.password) -}}
{{- fail "database.existingSecret is not set: the Secret with the database password (key database.passwordKey)" -}}
{{- end -}}
{{- if not (or .Values.masterKey.existingSecret .Values.masterKey.value) -}}
{{- fail "masterKey.existingSecret is not set: kubectl create secret generic sallyport-keys --from-literal=master-key=\"$(openssl rand -base64 32)\" --from-literal=admin-token=\"$(openssl rand -hex 32)\"" -}}
{{- end -}}
{{- if not (or .Values.adminToken.existingSecret .Values.adminToken.value) -}}
{{- fail "adminToken.existingSecret is not set: without a shared one every replica would make its own; kubectl create secret generic sallyport-keys --from-literal=master-key=\"$(openssl rand -base64 32)\" --from-literal=admin-token=\"$(openssl rand -hex 32)\"" -}}
{{- end -}}
{{- if and .Values.mail.username (not (or .Values.mail.existingSecret .Values.mail.password)) -}}
{{- fail "mail.existingSecret is not set: mail.username needs a password" -}}
{{- end -}}
{{- end -}}
