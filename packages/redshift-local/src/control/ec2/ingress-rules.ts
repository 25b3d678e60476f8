import { randomBytes } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { AwsError, invalidValue } from '../aws/aws-error.js';
import type { QueryParams } from '../aws/query-params.js';
import type { XmlRecord } from '../aws/xml.js';
import type { IngressRule } from '../state/control-state.js';

/** An identifier of the form EC2 uses: prefix and 17 hexadecimal digits. */
export function ec2Id(prefix: string): string {
  return `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`;
}

/** Reads IpPermissions.N, or the flat parameters of a single CIDR, into one rule a source. Throws InvalidParameterValue. */
export function readIngressRules(params: QueryParams): IngressRule[] {
  const permissions = params.structs('IpPermissions');
  if (permissions.length === 0 && params.has('CidrIp')) {
    return [{ ...portsOf(params), id: ec2Id('sgr'), cidr: checkedCidr(params.required('CidrIp'), isIPv4) }];
  }
  if (permissions.length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter IpPermissions');
  return permissions.flatMap((permission) => {
    const ports = portsOf(permission);
    const rule = (source: QueryParams, from: Partial<IngressRule>): IngressRule => {
      const description = source.text('Description');
      return { ...ports, ...from, id: ec2Id('sgr'), ...(description !== undefined && { description }) };
    };
    return [
      ...permission
        .structs('IpRanges')
        .map((source) => rule(source, { cidr: checkedCidr(source.required('CidrIp'), isIPv4) })),
      ...permission
        .structs('Ipv6Ranges')
        .map((source) => rule(source, { cidrV6: checkedCidr(source.required('CidrIpv6'), isIPv6) })),
      ...permission.structs('Groups').map((source) => rule(source, { groupId: source.required('GroupId') })),
    ];
  });
}

/** True when both let the same traffic through. */
export function isSameRule(left: IngressRule, right: IngressRule): boolean {
  return (['protocol', 'fromPort', 'toPort', 'cidr', 'cidrV6', 'groupId'] as const).every(
    (field) => left[field] === right[field],
  );
}

/** The rules as IpPermissions. */
export function ingressXml(rules: readonly IngressRule[]): XmlRecord[] {
  return rules.map((rule) => ({
    ipProtocol: rule.protocol,
    fromPort: rule.fromPort,
    toPort: rule.toPort,
    groups: rule.groupId === undefined ? {} : { item: { groupId: rule.groupId, description: rule.description } },
    ipRanges: rule.cidr === undefined ? {} : { item: { cidrIp: rule.cidr, description: rule.description } },
    ipv6Ranges: rule.cidrV6 === undefined ? {} : { item: { cidrIpv6: rule.cidrV6, description: rule.description } },
  }));
}

function portsOf(params: QueryParams): Pick<IngressRule, 'protocol' | 'fromPort' | 'toPort'> {
  const protocol = params.required('IpProtocol');
  const [fromPort, toPort] = [params.integer('FromPort'), params.integer('ToPort')];
  return { protocol, ...(fromPort !== undefined && { fromPort }), ...(toPort !== undefined && { toPort }) };
}

function checkedCidr(cidr: string, isAddress: (text: string) => boolean): string {
  const [address = '', bits = '', ...rest] = cidr.split('/');
  const widest = isAddress === isIPv4 ? 32 : 128;
  if (rest.length === 0 && isAddress(address) && /^\d{1,3}$/.test(bits) && Number(bits) <= widest) return cidr;
  throw invalidValue(`CIDR block ${cidr} is malformed`);
}
