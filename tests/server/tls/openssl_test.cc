#include "server/tls/openssl.h"

#include <openssl/err.h>

#include <string>
#include <thread>

#include "gtest/gtest.h"

namespace esockets::tls {
namespace {

// As whoever makes a context has them.
const int texts_are_loaded = OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr);

int deaths = 0;
void Bury(int* object) { ++deaths, *object = -1; }

TEST(Openssl, AnOwnerFreesOnce) {
  int object = 1;
  { const std::unique_ptr<int, Freed<Bury>> owner(&object); }
  { const std::unique_ptr<int, Freed<Bury>> nobody; }
  EXPECT_EQ(deaths, 1);
  EXPECT_EQ(object, -1);
  EXPECT_EQ(sizeof(SslPtr), sizeof(SSL*));
}

TEST(Openssl, TheErrorNearestToTheCauseIsTold) {
  ASSERT_EQ(texts_are_loaded, 1);
  ERR_raise(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER);
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  EXPECT_EQ(TakeError(), "no shared cipher");
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_EQ(TakeError(), "unknown reason");
}

TEST(Openssl, AReasonWithoutATextHasItsNumber) {
  ERR_raise(ERR_LIB_USER, 77);
  EXPECT_EQ(TakeError(), "error 77");
}

TEST(Openssl, ErrorsAreForgotten) {
  ForgetErrors();  // of none
  for (int i = 0; i < 3; ++i) ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  ForgetErrors();
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_EQ(TakeError(), "unknown reason");
}

TEST(Openssl, EachThreadHasErrorsOfItsOwn) {
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  std::string other;
  std::thread([&] { other = TakeError(); }).join();
  EXPECT_EQ(other, "unknown reason");
  EXPECT_EQ(TakeError(), "bad length");
}

}  // namespace
}  // namespace esockets::tls
