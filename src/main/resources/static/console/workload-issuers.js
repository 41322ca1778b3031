// Who vouches for programs by tokens of its own, so that they need no secret of ours.
import {text} from './fields.js';
import {linked, resource} from './resource.js';

export const workloadIssuers = resource({
  place: 'sallyport/workload_issuers', route: 'workload-issuers', title: 'Workload issuers', one: 'workload issuer', many: 'workload issuers', whole: true,
  about: 'A build, a cluster or a cloud signs tokens for its own programs. A rule “workload” lets in what such a token says.',
  columns: [['Name', linked('workload-issuers')], ['Issuer', each => each.issuer], ['Audience', each => each.audience],
    ['One use', each => each.single_use ? 'once for each application' : 'as often as they are shown']],
  fields: (found, fresh) => [
    text('issuer', 'Issuer', {kind: 'url', must: true, fixed: !fresh, placeholder: 'https://token.actions.githubusercontent.com',
      about: fresh ? 'What its tokens have as iss, to the letter. It cannot change later.' : 'It cannot change: register the other one, and delete this.'}),
    text('jwks_url', 'Address of its keys', {kind: 'url', must: true, placeholder: 'https://token.actions.githubusercontent.com/.well-known/jwks'}),
    text('audience', 'Audience', {must: true, placeholder: 'https://auth.example.com', about: 'What its tokens must have as aud, so that one meant for somebody else opens nothing here.'}),
    {member: 'single_use', label: 'A token is exchanged once for each application', kind: 'flag', about: 'Off for issuers whose tokens are renewed seldom and shown often, such as the projected tokens of Kubernetes.'},
  ],
  blank: {single_use: true},
  empty: 'Nobody vouches for programs yet.',
  loss: 'Its tokens count no longer, nor what they were exchanged for.',
});
