// Keys that everybody knows: whoever signs with them signs for nobody.
#include "conformance/peers/test_keys.hpp"

#include <botan/bigint.h>
#include <botan/numthry.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <utility>

#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

namespace {

struct Primes {
  std::string_view name;
  std::string_view p;
  std::string_view q;
};

constexpr std::array<Primes, 12> kPrimes = {{
     {"H1",
      "d8075e543fc626b611e3e1412e906da805391041357696b13e6ffa1150decbb8"
      "d3a22b93c6f3cdcceeaf78e8fca5a85c35f7400fad0ac4c5ac3bae867e3ce9eb"
      "284083275e3683e60bffb51612cfb63c0dcb72026ce5d05125e2ba19edb7902f"
      "862e4a09a7f6f1960f81599ef71d77680db165a03dc6eaf0f9b18436a750b5e3",
      "cd48be83a4f5a38543fc150a233323fd85ca274c47c71372f9cb836ab9078494"
      "65fb45b6c580d334d980a8e89b3ad8bd048e8319dfdf51cfb54bce6c3d8a2fcd"
      "191a5afe4d91176a9ca142bbe37e760af0aa068c1f3097d48aabb23f14761c2b"
      "285c94b7f5f75711a95bff7a37b5f09c682100d366d29bdb5e909be73e887ea5"},
     {"B7",
      "fc09e523e42d8d03644b74e0a3c449d7deb40ff69c13aa326e82c3e825c9660f"
      "ab7c390e0c8c2513501901972f13904d29782c881116d4d194a6d8a3ae37d245"
      "a6dd8729099606658d8035f94cd0e13da65fcd2c4f98321f2e02ea294ec1631c"
      "a28855f82b718bd73d02bd51f59b30f229c6665952d494e480f228c3ec0c3a87",
      "f4e75653d4398e4967a7293be2eb95680d66a5e735ef2237a6990f69f6fe818e"
      "ab00bf5515191c3aac4f25d3b07bf450473ada1c0676296d4c985f60c020c9c7"
      "7d1563bd58fce8074522d8fd0e93cb67696caee12bde2e5185cf589dd24c2595"
      "64673dcfffb4b58c5b13021aeaf537e28d80e48bb096285ff2bae217ec78b93b"},
     {"B8",
      "f2b83c28c9a793759f66c2d2dcda4f96c7ca6b770aec4ed911f02f5736cfea90"
      "1fd41933915976d74b7aee560e2ced02499fc22597ffd9fa1ba3e8f15fe6cef3"
      "d75201f326be0a47bcf470e8c7a2f241552007ef067323f671c7fdf7c41fd4af"
      "e9c056015398db4426010c881da25cdaab64a250e212291eb52683ccf996f1b3",
      "c48e8cbf38a4cc9414fb8dc4c70d0e434631b4e71fefbb5c944d249a812606ef"
      "04d0735230c52f52c72d2534c6c646b41b16c8b82f42c4c91424963d0fa0cf92"
      "aa854815ba1759d006503b09bd7909eef1dbdc68bffdde7042274dd16e73b428"
      "876cc7031a855fded7e0ff4b6b8bfba649a8884b890afe1c2470dbef2590af1b"},
     {"B9",
      "c99742b045109d8c21dc29dd7d0354cb87e8db6f726dad7c8f266a74985d19ed"
      "98f343c675e2dd92ba151a879b1da0058ed9d0af2a6c22091d444ec24bacb203"
      "911a9623357ffb9d704b18cf3a19144deb2676174e563e78d32809a76623afba"
      "5c9664f9bb6f40ba210a94897368bb2d67928872eb51b203f9dce14435c26a71",
      "f87f06889f37dc482752b02e35964309e8db32ed6a0fb9b262736c5fa5fa6432"
      "a7d42911a2c6be969b98702e2d6e1c7ea0c1f213a1c4541cea3da791672af21a"
      "dbbfe30f1f66f0b2ab0cfc4a709abf4ef3c87dbdfe8030e901806941ec7e9f04"
      "d66cf9cb8eda32cf3f3cc55b3cf6be42b8a4bbed55a1724443af7265e244475d"},
     {"V1001",
      "cbefc36a43864cb370b527f22ab2b89f62a5fabbc7968ed5104fe8f2a80dfec5"
      "5523a8f44874472cfdffca7af78f3db51b743b83d2c55606a823ce07865a98d0"
      "bf5e5d7b440e40ba4d1a718b88c55bc81251984b0d9ae6b78e6706ada2b5943a"
      "e7bcc70a87cf012e00f108c29fc40fa62bc16026622cdaacf701da46d96f4789",
      "f9aa6b49e8ca8f3d0e008f46816f555f14a1c1f9a514b7050cbb16c61eff261f"
      "27db9641604dbcdc9e9141a6825e77143a55803f792bff2f9b20ed14face7813"
      "2ed0db39b469c7704c8c0df7fec0e89bb5fd078783b542d50fedb935642946d3"
      "3452d9cc18ccf6ee06dabf75bb013e964ec76d74df1e399681f11c85d1b9f015"},
     {"V1002",
      "ed8d8566e5090f97f0af358c34ba6f857f168d30c1b69fa58b6ec9f3f1cdbb78"
      "59107dc6b2d9236af2cffb9cf7709878258bdcf9def24bc9e36517a5b7280131"
      "ce5a977ed97e3b5cfb7712427d359d778e87eb79036d4b9b6d589d8391ec9b3e"
      "997b23732a27cc1eb5fd2efc2c635fb7bb5fab340bb461aad26983ddc79aa4e5",
      "d195f0c56803c7d7ac16314e199a34f68a32b5064ed49f56e5a7d1d73dcaabb9"
      "e5bd6a1fde1ff5b618ea7b95bbb8348da28f8e721641e5529276a84d6601a1b0"
      "5965f685b14d3fb5fc34b5ba9ec7e91b9410151abac3de5f9e1d564321d0f44e"
      "4e244b46ec3868f8fa54e3f39e64044d55237661502c4d08f2aea045b7ae580f"},
     {"second",
      "fc7b413635eac95f53d420d0a259dfd5a42f5d152856514c766c1373aeb9b9a1"
      "6ad7c8788532d08a0106025c70ec92c83778817df984ac3ee137b75fde286d0a"
      "7f50500c518c33d4763d43c4c2b31cc1baf791f5283ad50b2dcaac4890d7942c"
      "ee3d4ddf65b71edd75c3a72bc113522698bd52f98ad1f59655c5d77ff50665ad",
      "e1edd93aaf96f62e927dcd7b30addf6fe7448d96a5a6ccd6dc908d7cb1cadd8a"
      "24c31e543ecce1d5b904c0a89bff478c81a5711fe488b9966271eaae747f66f5"
      "a8adfefae8c0cc181b19fa24f78c7c4509477b45f8e56bbcee944216aff9da7c"
      "3041ca2871d4b7022c7e67df194234430a594d1f53804fdfdfb17fb53fb8b15f"},
     {"stranger",
      "fb84cadf0380f5ee02bc3c498fb2e4514cd7dba257ee936b8035766ae638d30b"
      "0a01e85f27ba88aade3c88c2465b870f0b2b08d8fd428b03b11a29c000b47ded"
      "25fda204a05054ed59dfbfe4bec88b0bfe78d9991b01ab08b7d748c03a9b7434"
      "a2c759d97c98d8a8c1d2532e973afdbf4ff7b30be243911279f5459845685d63",
      "feb7ee545074b58dfc68eae4f1a9fe3a2ced7ae076538fd68c905750f69548bb"
      "372f1feb18e85c2504a44f173f73491b626c1b604cadce19b7aaeb0100fca8eb"
      "e07a48116c0e1f01bf4ec98aa7dd60865d420dfdb747a8eda401dada1fb71b49"
      "029e1fe173ea507e14b5d9788770d6c63681a4b6e2e09b332ced3a5162f36d69"},
     {"newcomer",
      "ea23a34b9685fb2b797821ac96bd535a55e2a6e9f63f75844dee13ca4923ae1e"
      "284314b4df19ab61f97c7fb62c3c764194f61c0df0a80f6e8aa0663b2f9465dd"
      "0dc4bca9439ffbbebcecb6801c0c10b0903014a46cf7ce39270bd8bd37734467"
      "01da7dcaf4e15653920812ed56f69307661e8561ed1393e705f97d37629f24c7",
      "cf5a3aff388b54cdef4586912891588739fd48672b4e07974a10af360e727d06"
      "c8cb88773a88357258ca528ee9c2ede3c9850f8d5e9f3ab34b9b94d9513d7fc9"
      "78b3110b85e56614bbe58b87991ba324f37c95ca9b36089df762f4edd53db9cb"
      "c00717453a627242301aea09761168b636552e8856be7de1b3a4add0f0a21339"},
     {"newcomer-seal",
      "e8f48f8c23cf3f821421305791f8e2c959b3a6f53bf924deb63507f96d71a9ce"
      "6ddca85383c10f1e894ca0b83deb3216b9c7839cd412181280dad7a605f4fc14"
      "778fd24a916870685c52508c7d5e72f45c16b9c89471c0c3f245191023d49946"
      "eeb14e3b67538d8c3e00c784ec656abc9b91aa1a5e7ac492dd6d8f097a4b8d31",
      "e09dedcfe2fe32668cec9580e53b1b2a8cf169dc3b2f77cff28479af9fc2064d"
      "06051332a92af238482103e6dc0a934630efad90bfbf00cd248a5d6b5e1c682f"
      "c44763fff8ab8099c8cd2e3c483c8d333bbf50cbc09ecea4679bc4a697b70946"
      "cbb3c90c2b44f71a40c53af60d7e69b9f08341badd9e8aa1433d9f38db12c9d9"},
     {"bystander",
      "e2af127c3a9a15fed036689ff9400d772bb3d93ab1a9eeecbd8799f7398de868"
      "6ee94794f31af39fcfadf1f91980c4d1ee34f57e84230f60028a32340a00e8a9"
      "02059e8e1bc43b9a2d1ab59150934ca57b6a43ff57bef425c76e8c007ecae0d4"
      "d95bcd86276d2ed503e682217ad0f7d7a5123d765e2eb2799c591c36e57951a7",
      "daf30821c45ad30e3bebeec6c73417db23e718c1dae548e9257572c97041fe20"
      "62f10f76a1b7777062a8b6709f10b03de05119f688824337850fbfc10a65a02b"
      "4fdc20776d22774214e877722b436ff394bd3bcaae80a4970a078f938361cd9b"
      "b475b6490abbdcd6b71562920518b7678e7b2ef450220df454075966018c553b"},
     {"long",
      "f427d94f45abc7aae7790e5ddcc94f364c93215c3fe7728c8392cb09c9dfddcf"
      "12b1eddd3b5e34050cd32c8c12e363b9195a858ecc1c5f8f586c090bf2a0c0ad"
      "ac1d8b344d95327ce48d4a0cac1777f35d4f6f35b02c6a7cb1d09b3cadecea61"
      "2a612122b243f7475d6af8d95ada0ad5efc97a8f466ebcd560f9babab4a68c3a"
      "3e4ed1c528b40b5ebf97f908e47bb3976981fd8889b7d47788bd6e39d6541c5a"
      "e9b0cda37133eec00eaa252a12476a5dbc0c7fd55ecef26646ff275120e761f4"
      "cff647d30ef5565008d38cef3e56572ebc5d33637903ba31ef273c8234d801c1"
      "dcb9c9b8746a51a46df686b1d483c505a2cbd38487d33c87bedb2c8612576532"
      "85b216702b8779b32f95e4c3f5832ff7b7c83046ab97e0ca29118cd4c02e4230"
      "bef32be85ef82e8aeeda527b2a85f49980ba25b56f52e818a2fe59ac8b18365d"
      "cacf7711b2f8d14b21ac049052b4fd62f859149d33f96dc13704a3ae20bb9f18"
      "2217383638bcdd969570a7b9255c559da23afff663f3e682a888d746a5e5fa2c"
      "0141d49391b5ac6fe80158dbb5ac513a248033caaac61cd63e2b454ea684a91f"
      "15c030d7576a886f683bccb1e092cc4cf7b50daed9a2871a3fd2ca98aa4617d6"
      "7f204b9192a622f3ac184dcd17e0565f5991e2b3aa65769e4b746986c4d013c0"
      "3ef6b18df9ca87b32a15bacbf4ab8fab1dc1b9cb470c98e9fab5798b6ceab65d",
      "d27bcced3220d223fec5f05be47a25cb47e15ca049c1cf3b2e438a9aef84b462"
      "660ce4f513db6782dd525024c75a12f7e2efb1f38142f4e45e648f855f23524c"
      "9818aa924682c971384ac73ad99ace8a07cfab5ff9386bf86c6514c744f2b937"
      "35e43d090518e94300631d37c7e21c5360c5a610e084c4261e84e807dccbface"
      "32bff71586cc114230dcc96429bbe385905ad71f3cc5747bde6f1070a90f0486"
      "4f258c3594ed9a2396a0b23dbee3d719bf3dafb40fb1cc7ddf92c3a5bab4e5cc"
      "f6ceefe5797996d01e541ea74f06c39f87e6c702f6ac3b01568acb4bf7d12658"
      "32c39a220690e363fe59613eb18b86e02e2add12ca4bc5ded9a8dbab3239d911"
      "f9123bbdc208de77700b13cc7d89321bab548f91e7a01b4510539f3423cb5267"
      "f8d83007f71db7f78bfb315de381f86bb55a610cc190f276335bb40305823a94"
      "0734c7c4844b0cf93ff13fe7c91502bbbfe7b22dade655a6a6193230efb89bff"
      "a3a31f1a71b0b3ba4c7e13a70fe9d00011bffc449917cc2fcb77b966280c5e56"
      "d527871698d9d621cb9eef591b8e0d75f273ca2fd0060e50c937409af22f5cd4"
      "82b47a8286726f7855e8ec6a5e087000452a41156c5c6e5632092b90aa948e9b"
      "4429d1f10973faf237870303994bdc4ab69cdf722c5f8722a746228742c16df1"
      "96790d6ec46a2fb0788a13a4889ce9578e7a89e6f8a80ba6615401ecf513f63f"}}};

constexpr std::string_view kShortPrimes[] = {
    "f9b1b43a056545b078ea878e528fcadf14857fa19438cc45f5b48c85d310bb78"
    "7933426aad8e437b894fed70f15fb4b7b06479b02dd27fdf2a0965615b353bf5",
    "e0c23f85223d0640b37f4fdbd88e7adfb4d00feba86dcf76186b1b2ef86997db"
    "7c0b8ffd74c43dc45109d224fa50707e6ca938b488b9aa2f655d21f922e53061"};
constexpr std::string_view kCurve =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBRzFqpLGkBw9ql/aBq0i84xRusrlkYX1mBj6UvNs9/L5KI2EB02iEtabap5SF1XQ"
    "0Uc0S2/HligXVjs5Q98ngA==";

// A key is made when it is asked for, and is not asked whether its primes are such, which takes longer than many a scenario:
// a test asks that once.
struct MadeOnce {
  std::once_flag once;
  std::optional<crypto::RsaPrivateKey> key;
};

Botan::BigInt number_of(std::string_view hex) {
  return Botan::BigInt(reinterpret_cast<const std::uint8_t*>(hex.data()), hex.size(), Botan::BigInt::Hexadecimal);
}

const Primes* primes_of(std::string_view name) {
  const auto found = std::find_if(kPrimes.begin(), kPrimes.end(), [&](const Primes& primes) { return primes.name == name; });
  return found == kPrimes.end() ? nullptr : &*found;
}

}  // namespace

const crypto::RsaPrivateKey* test_key(std::string_view name) {
  // never destroyed: at exit the pool of the library, from which the numbers of a key are, may be gone before them
  static auto& all = *new std::array<MadeOnce, kPrimes.size()>;
  const Primes* found = primes_of(name);
  if (found == nullptr) {
    return nullptr;
  }
  MadeOnce& made = all[static_cast<std::size_t>(found - kPrimes.data())];
  std::call_once(made.once, [&] {
    if (auto key = crypto::RsaPrivateKey::from_known_primes(bytes_of_hex(found->p), bytes_of_hex(found->q))) {
      made.key = std::move(*key);
    }
  });
  return made.key ? &*made.key : nullptr;
}

std::vector<std::string_view> test_key_names() {
  std::vector<std::string_view> names;
  for (const Primes& primes : kPrimes) {
    names.push_back(primes.name);
  }
  return names;
}

namespace {

constexpr std::string_view kRsa = "06092a864886f70d0101010500", kRsaPss = "06092a864886f70d01010a";
constexpr std::string_view kExponent = "010001";

/// DER: tag, length, content.
std::string tagged(char tag, const std::string& content) {
  const std::size_t size = content.size();
  std::string length;
  if (size < 0x80) {
    length = {static_cast<char>(size)};
  } else if (size < 0x100) {
    length = {'\x81', static_cast<char>(size)};
  } else {
    length = {'\x82', static_cast<char>(size / 0x100), static_cast<char>(size % 0x100)};
  }
  return tag + length + content;
}

/// An odd number of exactly so many bits that nobody has chosen, as the content of an INTEGER.
std::string modulus_of(std::size_t bits) {
  const std::size_t size = (bits + 7) / 8;
  std::string bytes;
  for (std::size_t i = 0; bytes.size() < size; ++i) {
    bytes += bytes_of_hex(sha256_of("modulus " + std::to_string(bits) + " " + std::to_string(i)));
  }
  bytes.resize(size);
  const unsigned top = (bits - 1) % 8;
  bytes.front() = static_cast<char>((static_cast<unsigned char>(bytes.front()) & ((1U << top) - 1U)) | (1U << top));
  bytes.back() = static_cast<char>(bytes.back() | 1);
  return (top == 7 ? std::string(1, '\0') : std::string()) + bytes;
}

/// RSAPublicKey; `exponent`: content of its INTEGER, hexadecimal.
std::string rsa_key(const std::string& modulus, std::string_view exponent) {
  return tagged('\x30', tagged('\x02', modulus) + tagged('\x02', bytes_of_hex(exponent)));
}

std::string spki_of(const std::string& rsa, std::string_view algorithm = kRsa) {
  const std::string bit_string = tagged('\x03', std::string(1, '\0') + rsa);
  return tagged('\x30', tagged('\x30', bytes_of_hex(algorithm)) + bit_string);
}

std::string spki(std::size_t bits, std::string_view exponent, std::string_view algorithm = kRsa) {
  return spki_of(rsa_key(modulus_of(bits), exponent), algorithm);
}

/// What an RSA private key is made of.
struct Private {
  Botan::BigInt p, q;
  std::uint64_t exponent = crypto::kPublicExponent;
  Botan::BigInt modulus() const { return p * q; }
};

std::string bytes_of(const Botan::BigInt& number, std::size_t size) {
  const auto bytes = Botan::BigInt::encode_1363(number, size);
  return {bytes.begin(), bytes.end()};
}

/// The private key of a weak one; nothing: nobody has it. With the exponent 3 neither prime is 1 modulo 3.
std::optional<Private> private_of(WeakKey which) {
  if (which == WeakKey::exponent_three) {
    return Private{number_of(primes_of("B8")->p), number_of(primes_of("V1001")->q), 3};
  }
  if (which == WeakKey::short_modulus) {
    return Private{number_of(kShortPrimes[0]), number_of(kShortPrimes[1])};
  }
  return std::nullopt;
}

std::string spki_of(const Private& key, std::string_view exponent) {
  const Botan::BigInt n = key.modulus();
  return spki_of(rsa_key(bytes_of(n, n.bytes() + 1), exponent));  // its first bit is 1: a zero in front
}

std::string signed_raw(const Private& key, std::string_view encoded) {
  const Botan::BigInt one(1), n = key.modulus();
  const Botan::BigInt d = Botan::inverse_mod(Botan::BigInt(key.exponent), Botan::lcm(key.p - one, key.q - one));
  const Botan::BigInt message(reinterpret_cast<const std::uint8_t*>(encoded.data()), encoded.size());
  return bytes_of(Botan::power_mod(message, d, n), n.bytes());
}

std::string from_text(std::string_view base64) { return bytes_of_base64(base64).value_or(std::string()); }

}  // namespace

std::string weak_key(WeakKey which) {
  constexpr std::size_t kGoodBits = crypto::kMinKeyBits;
  switch (which) {
    case WeakKey::exponent_three: return spki_of(*private_of(which), "03");
    case WeakKey::short_modulus: return spki_of(*private_of(which), kExponent);
    case WeakKey::curve: return from_text(kCurve);
    case WeakKey::exponent_one: return spki(kGoodBits, "01");
    case WeakKey::exponent_two: return spki(kGoodBits, "02");
    case WeakKey::exponent_seventeen: return spki(kGoodBits, "11");
    case WeakKey::exponent_even: return spki(kGoodBits, "010000");
    case WeakKey::exponent_padded: return spki(kGoodBits, "00010001");
    case WeakKey::exponent_long: return spki(kGoodBits, "0080000001");
    case WeakKey::bits_512: return spki(512, kExponent);
    case WeakKey::bits_2047: return spki(crypto::kMinKeyBits - 1, kExponent);
    case WeakKey::bits_8193: return spki(crypto::kMaxKeyBits + 1, kExponent);
    case WeakKey::bits_16384: return spki(2 * crypto::kMaxKeyBits, kExponent);
    case WeakKey::bare: return rsa_key(modulus_of(kGoodBits), kExponent);
    case WeakKey::trailing: return spki(kGoodBits, kExponent) + std::string(1, '\0');
    case WeakKey::of_purpose: return spki(kGoodBits, kExponent, kRsaPss);
  }
  return {};
}

std::string raw_signature(std::string_view name, std::string_view encoded) {
  const Primes* primes = primes_of(name);
  return primes == nullptr ? std::string() : signed_raw({number_of(primes->p), number_of(primes->q)}, encoded);
}

std::string raw_signature(WeakKey which, std::string_view encoded) {
  const auto key = private_of(which);
  return key ? signed_raw(*key, encoded) : std::string();
}

std::string cube_root_of(std::string_view begin, std::size_t size) {
  const Botan::BigInt first(reinterpret_cast<const std::uint8_t*>(begin.data()), begin.size());
  const Botan::BigInt least = first << (8 * (size - begin.size()));
  Botan::BigInt below(0);  // the largest number whose cube is smaller
  for (std::size_t bit = least.bits() / 3 + 1; bit-- > 0;) {
    Botan::BigInt more = below;
    more.set_bit(bit);
    if (more * more * more < least) {
      below = more;
    }
  }
  return bytes_of(below + Botan::BigInt(1), size);
}

}  // namespace quickpay::conformance
