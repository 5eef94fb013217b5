//! What became of a form that was filled in.

use crate::vocabulary::vocabulary;

vocabulary! {
    ResponseState {
        /// Not sent on yet.
        Draft = "draft", "Draft";
        Submitted = "submitted", "Submitted";
        /// Another response took its place.
        Amended = "amended", "Amended";
        EnteredInError = "entered_in_error", "Entered in error";
    }
}
