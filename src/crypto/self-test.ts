// One known signature an algorithm, made once for this purpose: what this machine must accept before its word counts.
// The data is 'dnssec-resolver self-test'; keys as RFC 3110 2, RFC 6605 4, RFC 8080 3.

export interface SelfTest {
  readonly publicKey: Uint8Array
  readonly data: Uint8Array
  readonly signature: Uint8Array
}

const DATA = new TextEncoder().encode('dnssec-resolver self-test')

const RSA_1024 =
  '030100019cfeca500952538f916b338bbf112ea590f477770d3e2cd4319151f3934095f06db57161fc2337b6ece4ed19ca32491fb909' +
  '717f269c345171d567447148a41a9893c25f6e29d8ba8a96d7ecdef1fe17565b777ee3dfbce4d8791ba8eccb5a3367aad5dbf20730fa' +
  '10173cb0537405e6a076321e5fa999ec9426eaaa8a400535'
const RSA_SHA1 =
  '84909f7efff58ff654937ec84e831928303d885dcd19f7b723749f2b53c6d30a33f74f158e31087a654a8784f06ea05aadd72d6998a9' +
  'b9b3017295a75e023eea36534ba571afbdbb455abddf69ac520a339f6fc6ae6dcdb8c07d2448a23b9f7685ca8721453acc6d99504770' +
  '12b3140da38797efb04e245ed7c658559a27775a'
const RSA_SHA256 =
  '158e59ddca6822b9f723b2f41c6cc29821216881ae1fa802e4e68098dff13faf739e0d397a6b0e44466bbe4e2acc6d3c386294243deb' +
  'd04a2aabb5301007372737f5594a414c842bd2363b59a7e97cbcaeb02da1572f02cbcb3af162a1a6194b4a61f234c6de852f0294abdb' +
  'c57fa88971bfb5e9e2d1769e85d885c45c615405'
const RSA_SHA512 =
  '80ff747067e734811c0a104b01c41a68c2ead3334ebd7834784d10d4a71a1567652e1924b6b64a13241582db7eebbd50a6031da007fc' +
  '12b74f68f126e344b3f46c1850f75c4c29d27974fd2c56a1d99901091fdb23c6cb767a003db170a05bb49a42c3f922aeece719d5a894' +
  '82a47b2ef07664d0ffe7e4e3a98179d02a3e4acd'
const P256 =
  'd398e9fb6014a9bda22528d56d05960e0a36b1980aefdbfdfcf02640e89b8d13fdd4d85fc23fc6494c1352996a202c3674a2e7e5fa6d' + '774fed773fc7fce2f9b4'
const P256_SIGNATURE =
  'f13182b7ed3234c952d11c4302ef988dc0a438733cae19f90740ae7e580b708f0e8036a931982424a837cd68fe64066fd77efa9bc6ff' + 'aec5ff0a3089b0a5adb6'
const P384 =
  'cd7b2fad47f499c6db60957289f2d0529a511a48440fab3fa8719b02f3c54996653cde9119447cba063415f8a159ce0ead4dac2237d5' +
  'f7d9be7345c9672e888b36ae8e488150c9a639de6bbbdc3ae68d1237dd1be6b86e929c3e11d6fdb7feb4'
const P384_SIGNATURE =
  '284779566bca9f03d90aed32762e5cfc1e480cdb0b67deb96c06e31e67da82612b341e7c8ee780ff5404c0a1398b6ef68be15e32cfc8' +
  '965af7546932807f7d6b4ba2c611f0ee5cc6c0a557bda96f589dada250dd80419f3d138c6815c32d0bb9'
const ED25519 = 'a0dc8bf6b2285b3fc77065de04ac29d51f89b0eb928f6383b65204f5c12b2806'
const ED25519_SIGNATURE =
  'b68ec2e621a1c6c26c84455613df4ad4cfa574449db7bad2ef1934608eaabd98ce9497a1e1219abe5732d72c2e167ced7451256247f4' + '6bb2f095f870cb72ca00'
const ED448 = 'f854feb276dc26ee1ab96b284f129bede418373c8be152b1965edd715763e342e2abe9bd2a88beb27cab2b7dd6ed1f4ad71edb52e79b' + '9d6e80'
const ED448_SIGNATURE =
  '5d5773b71755abe12d650e59489d684959f96b614790459ec26af51dd09fdfbd85a215a00da371d7837bf354553b246f0482f7a409e7' +
  '49b18096bfc62945abb231e0ec90cb4fa4f9043a1776c43d93cda6ccd84ad046f55984240e455064dbd27fe196b5a61ec631a44092d1' +
  '804a63093800'

export const SELF_TESTS: ReadonlyMap<number, SelfTest> = new Map([
  [5, selfTest(RSA_1024, RSA_SHA1)],
  [7, selfTest(RSA_1024, RSA_SHA1)],
  [8, selfTest(RSA_1024, RSA_SHA256)],
  [10, selfTest(RSA_1024, RSA_SHA512)],
  [13, selfTest(P256, P256_SIGNATURE)],
  [14, selfTest(P384, P384_SIGNATURE)],
  [15, selfTest(ED25519, ED25519_SIGNATURE)],
  [16, selfTest(ED448, ED448_SIGNATURE)]
])

function selfTest(publicKey: string, signature: string): SelfTest {
  return { publicKey: octets(publicKey), data: DATA, signature: octets(signature) }
}

function octets(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}
