#include "broker/auth/ed25519_point.h"

#include <openssl/bn.h>

#include <memory>
#include <string>
#include <utility>

namespace esockets::broker {
namespace {

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* scratch) const { BN_CTX_free(scratch); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

// The numbers modulo 2^255 - 19. None of these fails but for want of memory.
class Field {
 public:
  Field() : scratch_(BN_CTX_new()), prime_(Of(1)) {
    BN_lshift(prime_.get(), prime_.get(), 255);
    BN_sub_word(prime_.get(), 19);
  }

  static Number Of(BN_ULONG value) {
    Number number(BN_new());
    BN_set_word(number.get(), value);
    return number;
  }
  Number Plus(const Number& a, const Number& b) const {
    Number sum(BN_new());
    BN_mod_add(sum.get(), a.get(), b.get(), prime_.get(), scratch_.get());
    return sum;
  }
  Number Minus(const Number& a, const Number& b) const {
    Number difference(BN_new());
    BN_mod_sub(difference.get(), a.get(), b.get(), prime_.get(), scratch_.get());
    return difference;
  }
  Number Times(const Number& a, const Number& b) const {
    Number product(BN_new());
    BN_mod_mul(product.get(), a.get(), b.get(), prime_.get(), scratch_.get());
    return product;
  }
  // REQUIRES: b is not 0.
  Number Over(const Number& a, const Number& b) const {
    const Number inverse(BN_mod_inverse(nullptr, b.get(), prime_.get(), scratch_.get()));
    return Times(a, inverse);
  }
  bool Has(const Number& number) const { return BN_cmp(number.get(), prime_.get()) < 0; }
  bool IsSquare(const Number& number) const {
    return BN_kronecker(number.get(), prime_.get(), scratch_.get()) >= 0;
  }

 private:
  std::unique_ptr<BN_CTX, FreeNumber> scratch_;
  Number prime_;
};

// -x^2 + y^2 = 1 + d x^2 y^2. The denominators below are never 0: d is no square, and -1 is one.
class Curve {
 public:
  Curve()
      : one_(Field::Of(1)),
        d_(field_.Minus(Field::Of(0), field_.Over(Field::Of(121665), Field::Of(121666)))) {}

  bool Has(const Number& y) const { return field_.Has(y) && field_.IsSquare(XSquared(y)); }

  // Of twice the point. Needs no x: it stands in the sum of a point with itself as its square.
  Number Double(const Number& y) const {
    const Number x2 = XSquared(y), y2 = field_.Times(y, y);
    const Number product = field_.Times(d_, field_.Times(x2, y2));
    return field_.Over(field_.Plus(x2, y2), field_.Minus(one_, product));
  }

 private:
  Number XSquared(const Number& y) const {
    const Number y2 = field_.Times(y, y);
    return field_.Over(field_.Minus(y2, one_), field_.Plus(field_.Times(d_, y2), one_));
  }

  Field field_;
  Number one_;
  Number d_;
};

}  // namespace

bool IsEd25519PublicKey(std::string_view bytes) {
  if (bytes.size() != kEd25519KeyBytes) return false;
  std::string little_endian(bytes);
  little_endian.back() &= 0x7F;  // the sign of x; both signs are points
  Number y(BN_lebin2bn(reinterpret_cast<const unsigned char*>(little_endian.data()),
                       kEd25519KeyBytes, nullptr));
  const Curve curve;
  if (!curve.Has(y)) return false;
  // The cofactor is 8: a point of small order comes to the neutral one, whose y is 1.
  for (int i = 0; i < 3; ++i) y = curve.Double(y);
  return BN_is_one(y.get()) == 0;
}

}  // namespace esockets::broker
