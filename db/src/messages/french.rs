//! The built-in words in French: subject, and how the text begins.

use shared::texts::Text;

pub(super) const fn words(text: Text) -> (&'static str, &'static str) {
    match text {
        Text::Requested => (
            "Demande de rendez-vous : {when}",
            "Bonjour {first_name},\n\nVotre demande de rendez-vous est reçue. Nous vous écrirons dès qu’elle aura une réponse.\n",
        ),
        Text::Declined => (
            "Demande de rendez-vous refusée : {when}",
            "Bonjour {first_name},\n\nVotre rendez-vous n’est pas possible : la demande est refusée.\n",
        ),
        Text::Confirmed => {
            ("Rendez-vous confirmé : {when}", "Bonjour {first_name},\n\nVotre rendez-vous est confirmé.\n")
        }
        Text::Changed => (
            "Rendez-vous modifié : {when}",
            "Bonjour {first_name},\n\nVotre rendez-vous a été modifié. Voici ce qui est prévu maintenant.\n",
        ),
        Text::Cancelled => ("Rendez-vous annulé : {when}", "Bonjour {first_name},\n\nVotre rendez-vous est annulé.\n"),
        Text::Reminder => ("Rappel de rendez-vous : {when}", "Bonjour {first_name},\n\nVotre rendez-vous approche.\n"),
        Text::RequestedFor => (
            "Demande de rendez-vous pour {person} : {when}",
            "Bonjour {first_name},\n\nLa demande de rendez-vous pour {person} est reçue. Nous vous écrirons dès qu’elle aura une réponse.\n",
        ),
        Text::DeclinedFor => (
            "Demande de rendez-vous refusée pour {person} : {when}",
            "Bonjour {first_name},\n\nLe rendez-vous pour {person} n’est pas possible : la demande est refusée.\n",
        ),
        Text::ConfirmedFor => (
            "Rendez-vous confirmé pour {person} : {when}",
            "Bonjour {first_name},\n\nUn rendez-vous pour {person} est confirmé.\n",
        ),
        Text::ChangedFor => (
            "Rendez-vous modifié pour {person} : {when}",
            "Bonjour {first_name},\n\nUn rendez-vous pour {person} a été modifié. Voici ce qui est prévu maintenant.\n",
        ),
        Text::CancelledFor => (
            "Rendez-vous annulé pour {person} : {when}",
            "Bonjour {first_name},\n\nUn rendez-vous pour {person} est annulé.\n",
        ),
        Text::ReminderFor => (
            "Rappel de rendez-vous pour {person} : {when}",
            "Bonjour {first_name},\n\nUn rendez-vous pour {person} approche.\n",
        ),
        Text::AllRequested => (
            "Demandes de rendez-vous pour {person} : {when}",
            "Bonjour {first_name},\n\nCes demandes de rendez-vous sont reçues. Nous vous écrirons dès qu’elles auront une réponse.\n",
        ),
        Text::AllDeclined => (
            "Demandes de rendez-vous refusées pour {person} : {when}",
            "Bonjour {first_name},\n\nCes rendez-vous ne sont pas possibles : les demandes sont refusées.\n",
        ),
        Text::AllConfirmed => (
            "Rendez-vous confirmés pour {person} : {when}",
            "Bonjour {first_name},\n\nCes rendez-vous sont confirmés.\n",
        ),
        Text::AllChanged => (
            "Rendez-vous modifiés pour {person} : {when}",
            "Bonjour {first_name},\n\nCes rendez-vous ont été modifiés. Voici ce qui est prévu maintenant.\n",
        ),
        Text::AllCancelled => {
            ("Rendez-vous annulés pour {person} : {when}", "Bonjour {first_name},\n\nCes rendez-vous sont annulés.\n")
        }
        Text::AllReminder => {
            ("Rappel de rendez-vous pour {person} : {when}", "Bonjour {first_name},\n\nCes rendez-vous approchent.\n")
        }
        Text::Offer => {
            ("Une heure est libre : {when}", "Bonjour {first_name},\n\nUne heure de la liste d’attente est libre :\n")
        }
        Text::OfferFor => (
            "Une heure est libre pour {person} : {when}",
            "Bonjour {first_name},\n\nUne heure de la liste d’attente est libre pour {person} :\n",
        ),
        Text::Welcome => (
            "Bienvenue chez {practice}",
            "Bonjour {first_name},\n\n{practice} vous invite à son portail. Choisissez un mot de passe à l’aide de ce lien. \
             Il sert une seule fois et expire dans 72 heures :\n\n{link}\n\n\
             Si vous n’attendiez pas ce courriel, vous pouvez l’ignorer.\n",
        ),
        Text::StaffRequested => {
            ("Demandé en ligne : {when}", "Bonjour {first_name},\n\nUn rendez-vous a été demandé en ligne.\n")
        }
        Text::StaffBooked => {
            ("Réservé en ligne : {when}", "Bonjour {first_name},\n\nUn rendez-vous a été réservé en ligne.\n")
        }
        Text::StaffMoved => {
            ("Déplacé en ligne : {when}", "Bonjour {first_name},\n\nUn rendez-vous a été déplacé en ligne.\n")
        }
        Text::StaffCancelled => {
            ("Annulé en ligne : {when}", "Bonjour {first_name},\n\nUn rendez-vous a été annulé en ligne.\n")
        }
        Text::DayAhead => (
            "Votre journée de demain : {count}",
            "Bonjour {first_name},\n\nVotre journée de demain, {when} : {count}.\n",
        ),
        Text::Reset => (
            "Réinitialisez votre mot de passe de {practice}",
            "Bonjour {first_name},\n\n\
             Nous avons reçu une demande de réinitialisation de votre mot de passe de {practice} pour le nom d’utilisateur \
             {username}. Choisissez-en un nouveau ici (le lien expire dans 2 heures) :\n\n\
             {link}\n\n\
             Vous n’avez rien demandé ? Ignorez ce courriel. Votre mot de passe ne change pas.\n",
        ),
        Text::Registration => (
            "Votre compte chez {practice}",
            "Bonjour,\n\n\
             Terminez la création de votre compte chez {practice}. Le lien expire dans 72 heures :\n\n\
             {link}\n\n\
             Vous n’avez rien demandé ? Ignorez ce courriel. Aucun compte n’est créé.\n",
        ),
        Text::Invitation => (
            "Vous êtes invité chez {practice}",
            "Bonjour {first_name},\n\n\
             {practice} vous a ajouté à son équipe. Choisissez un mot de passe à l’aide de ce lien. \
             Il sert une seule fois et expire dans 72 heures :\n\n\
             {link}\n\n\
             Si vous n’attendiez pas ce courriel, vous pouvez l’ignorer.\n",
        ),
        Text::AddressChange => (
            "Votre adresse courriel chez {practice} a changé",
            "Bonjour,\n\n\
             Votre adresse courriel chez {practice} a changé. Les messages et les liens de mot de passe n’arrivent plus à cette adresse.\n\n\
             Vous n’avez rien demandé ? Communiquez tout de suite avec {practice}.\n",
        ),
        Text::Request => (
            "{practice} attend quelque chose de vous",
            "Bonjour {first_name},\n\nIl y a quelque chose à remplir ou à faire pour vous chez {practice}. Voyez-le ici :\n\n{link}\n",
        ),
        Text::RequestFor => (
            "{practice} attend quelque chose de vous pour {person}",
            "Bonjour {first_name},\n\nIl y a quelque chose à remplir ou à faire pour {person} chez {practice}. Voyez-le ici :\n\n{link}\n",
        ),
        Text::RequestReminder => (
            "Rappel : {practice} attend encore quelque chose de vous",
            "Bonjour {first_name},\n\nCe n’est pas encore fait chez {practice}. Voyez-le ici :\n\n{link}\n",
        ),
        Text::RequestReminderFor => (
            "Rappel : {practice} attend encore quelque chose de vous pour {person}",
            "Bonjour {first_name},\n\nCe n’est pas encore fait pour {person} chez {practice}. Voyez-le ici :\n\n{link}\n",
        ),
        Text::Document => (
            "{practice} a partagé quelque chose avec vous",
            "Bonjour {first_name},\n\nIl y a quelque chose à lire pour vous chez {practice}. Voyez-le ici :\n\n{link}\n",
        ),
        Text::DocumentFor => (
            "{practice} a partagé quelque chose avec vous au sujet de {person}",
            "Bonjour {first_name},\n\nIl y a quelque chose à lire au sujet de {person} chez {practice}. Voyez-le ici :\n\n{link}\n",
        ),
        Text::Login => ("Bonjour {first_name},", "Cordialement\n"),
        Text::AddressConfirmation => (
            "Confirmez votre adresse courriel chez {practice}",
            "Bonjour,\n\n\
             Confirmez cette adresse courriel pour votre compte chez {practice}. Le lien expire dans 2 heures :\n\n\
             {link}\n\n\
             Vous n’avez rien demandé ? Ignorez ce courriel. Rien ne change.\n",
        ),
        Text::LinkAdded => (
            "{person} : comptes liés chez {practice}",
            "Bonjour {first_name},\n\nLes comptes de {person} sont maintenant liés chez {practice}.\n",
        ),
        Text::LinkChanged => (
            "Autorisations modifiées entre {person}",
            "Bonjour {first_name},\n\nCe que {person} peuvent faire l’un pour l’autre chez {practice} a changé.\n",
        ),
        Text::LinkRemoved => (
            "{person} : comptes séparés chez {practice}",
            "Bonjour {first_name},\n\n\
             Les comptes de {person} ne sont plus liés chez {practice}. Aucun des deux ne peut agir pour l’autre ni voir ses rendez-vous.\n",
        ),
        Text::LinkSuspended => (
            "Fin des autorisations entre {person}",
            "Bonjour {first_name},\n\n\
             L’âge de la majorité est atteint : ces autorisations entre {person} chez {practice} ont pris fin. \
             La personne devenue majeure peut les donner à nouveau.\n",
        ),
        Text::ComingOfAge => (
            "Majorité de {person} : {when}",
            "Bonjour {first_name},\n\n\
             {person} atteint l’âge de la majorité le {when}. Ce jour-là, ces autorisations chez {practice} prennent fin. \
             {person} pourra les donner à nouveau ensuite.\n",
        ),
        Text::LinkInvitation => (
            "{person} aimerait lier son compte au vôtre chez {practice}",
            "Bonjour,\n\n\
             {person} aimerait lier son compte au vôtre chez {practice}, pour que chacun agisse pour l’autre dans la mesure qu’il permet. \
             Ouvrez une session et répondez ici (le lien expire dans 7 jours) :\n\n\
             {link}\n\n\
             Vous ne connaissez pas {person} ? Ignorez ce courriel. Rien n’est partagé.\n",
        ),
    }
}

/// Of a text message.
pub(super) const fn sms(text: Text) -> &'static str {
    match text {
        Text::Requested => "{practice} : votre demande de rendez-vous du {when} est enregistrée. {link}",
        Text::Declined => "{practice} : votre demande de rendez-vous du {when} est refusée.",
        Text::Confirmed => "{practice} : rendez-vous le {when}, {place}. {link}",
        Text::Changed => "{practice} : votre rendez-vous a changé : {when}, {place}. {link}",
        Text::Cancelled => "{practice} : le rendez-vous du {when} est annulé.",
        Text::Reminder => "{practice} : rappel de votre rendez-vous du {when}, {place}. {link}",
        Text::AllRequested => "{practice} : vos demandes de rendez-vous sont enregistrées : {when}.",
        Text::AllDeclined => "{practice} : vos demandes de rendez-vous sont refusées : {when}.",
        Text::AllConfirmed => "{practice} : {count} le {when}, {place}.",
        Text::AllChanged => "{practice} : vos rendez-vous ont changé : {when}, {place}.",
        Text::AllCancelled => "{practice} : ces rendez-vous sont annulés : {when}.",
        Text::AllReminder => "{practice} : rappel de vos rendez-vous : {when}, {place}.",
        _ => "",
    }
}
