//! `#[testkit::test]`.

use proc_macro::TokenStream;
use quote::quote;
use syn::{ItemFn, parse_macro_input};

/// A test with a database of its own: `async fn name(pool: PgPool)`.
#[proc_macro_attribute]
pub fn test(_: TokenStream, function: TokenStream) -> TokenStream {
    let ItemFn { attrs, sig, block, .. } = parse_macro_input!(function as ItemFn);
    let (name, inputs) = (&sig.ident, &sig.inputs);
    quote! {
        #(#attrs)*
        #[::core::prelude::v1::test]
        fn #name() {
            async fn test(#inputs) #block
            ::testkit::database::run(concat!(module_path!(), "::", stringify!(#name)), test);
        }
    }
    .into()
}
