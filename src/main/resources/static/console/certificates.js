// Certificate authorities whose certificates programs and devices show (mTLS), and the hosts that ask for one.
import {card, chip, h, list, time} from './dom.js';
import {text} from './fields.js';
import {linked, resource} from './resource.js';

const SOON = 30 * 24 * 3600 * 1000;
const REVOCATION = [['named', 'where a certificate names its list, or one is uploaded here'], ['soft', 'where that can be read; else it is let pass'],
  ['required', 'always: without a current answer it is refused'], ['off', 'never']];

function ends(certificate) {
  const left = new Date(certificate.expires_on) - Date.now();
  return [time(certificate.expires_on), ' ', left < 0 ? chip('expired', 'bad') : left < SOON && chip('soon', 'warn')];
}

export const certificates = resource({
  place: 'access/certificates', route: 'certificates', title: 'Certificates', one: 'certificate authority', many: 'certificate authorities',
  about: 'Who shows a certificate of theirs fits the rules “Valid certificate” and “Certificate common name”.',
  empty: 'There are none yet. Upload the certificate of your own authority, and name the hosts that are to ask for one.',
  loss: 'Certificates it signed fit no rule any more. Take the hosts away first.',
  columns: [
    ['Name', linked('certificates')],
    ['Hosts', certificate => (certificate.associated_hostnames ?? []).join(', ') || h('span', {class: 'quiet'}, 'none asks for one')],
    ['Ends', ends],
  ],
  fields: (_, fresh) => [
    fresh && {member: 'certificate', label: 'Certificate of the authority (PEM)', kind: 'code', must: true, placeholder: '-----BEGIN CERTIFICATE-----'},
    {member: 'associated_hostnames', label: 'Hosts that ask for one, one a line', kind: 'lines', placeholder: 'api.example.com'},
    {member: 'revocation', label: 'Whether it is revoked is looked up', kind: 'choice', options: REVOCATION},
    text('crl', 'Revocation list (PEM)', {kind: 'code', more: true, about: fresh ? 'Signed by the same authority.' : 'Never shown again. Leave it empty to keep the one that is stored.'}),
  ].filter(Boolean),
  checked: body => ({...body, associated_hostnames: body.associated_hostnames ?? []}),
  more: found => card('Details', list([['Fingerprint (SHA-256)', h('code', {}, found.fingerprint)], ['Ends', h('span', {}, ...ends(found).filter(Boolean))],
    ['Its revocation list ends', found.crl_next_update && time(found.crl_next_update)]])),
});
