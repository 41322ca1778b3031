// Identity providers and what to enter there.
import {api} from './api.js';
import {card, copyable, h, heading, list} from './dom.js';

export async function providers() {
  const found = await api.get('access/identity_providers?per_page=100');
  return [heading('Identity providers', {about: 'Enter the redirect URL at the provider'}),
    found.length === 0 && card(null, h('p', {class: 'quiet'}, 'Nobody can sign in yet: there is no provider.')),
    ...found.map(provider => card(provider.name || provider.type, list([
      ['Type', provider.type],
      ['Issuer', provider.config?.issuer],
      ['Client id', provider.config?.client_id && h('code', {}, provider.config.client_id)],
      ['Id', h('code', {}, provider.id)],
    ]), provider.type !== 'onetimepin' && provider.config?.redirect_url && [h('h3', {}, 'Redirect URL'), copyable(provider.config.redirect_url, 'Redirect URL')]))].filter(Boolean);
}
