### Les mots des pages. Un « pouet » est un message : le mot s'écrit dans ces fichiers et nulle part ailleurs.

## Cadre
skip-to-content = Aller au contenu
nav-label = Principal
nav-explore = Explorer
nav-local = Fil local
nav-about = À propos
language-label = Langue
sign-in = Se connecter
sign-up = S’inscrire
sign-out = Se déconnecter
back-home = Retour à l’accueil
percent = { " " }%

## Temps
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-time = { $date } à { $time } UTC
ago-now = à l’instant
ago-minutes = { $count } min
ago-hours = { $count } h
ago-days = { $count } j

## Accueil
landing-default-description = Un petit lieu pour de courts messages, ouvert à tout le fédivers.
landing-sign-up = Créer un compte
landing-open = Tout le monde peut s’inscrire.
landing-approval = Les demandes d’inscription sont lues par la modération avant l’ouverture du compte.
landing-closed = Les inscriptions sont fermées. Les membres se connectent, tout le monde peut lire.
local-title = Fil local
local-intro = Ce qui se dit en public sur { $name }, le plus récent d’abord.
facts-title = Cette instance
fact-users = { $n ->
    [one] compte
   *[other] comptes
}
fact-active = { $n ->
    [one] actif ce mois-ci
   *[other] actifs ce mois-ci
}
fact-statuses = { $n ->
    [one] pouet
   *[other] pouets
}
fact-peers = { $n ->
    [one] instance connue
   *[other] instances connues
}
contact-title = Tenue par
rules-title = Règles
rules-none = Aucune règle n’a encore été écrite.
timeline-empty = Rien ici pour l’instant.
pages-label = Pages
pages-older = Plus anciens
pages-newest = Revenir aux plus récents
pages-next = Suite
pages-begin = Revenir au début

## Pouets
count-replies = { $n ->
    [one] { $count } réponse
   *[other] { $count } réponses
}
count-reblogs = { $n ->
    [one] { $count } partage
   *[other] { $count } partages
}
count-favourites = { $n ->
    [one] { $count } favori
   *[other] { $count } favoris
}
count-reactions = { $n ->
    [one] { $count } réaction
   *[other] { $count } réactions
}
count-votes = { $n ->
    [one] { $count } voix
   *[other] { $count } voix
}
count-voters = { $n ->
    [one] { $count } personne a voté
   *[other] { $count } personnes ont voté
}
status-reblogged = a partagé
status-pinned = Épinglé
status-edited = Modifié
status-reply-to = En réponse à
status-show = Afficher
status-by = Pouet de { $name }
status-title = { $name } : « { $words } »
status-title-bare = Pouet de { $name }
visibility-public = Public
visibility-unlisted = Public, en retrait
visibility-private = Abonnés seulement
visibility-direct = Personnes mentionnées seulement
embed-open = Ouvrir sur
link-by = par
quote-files = { $n ->
    [one] Avec un fichier
   *[other] Avec { $count } fichiers
}
media-sensitive = { $n ->
    [one] Média sensible
   *[other] { $count } médias sensibles
}
media-alt = ALT
media-file = Fichier joint
poll-label = Sondage
poll-closed = clos
poll-until = ouvert jusqu’au
thread-before = Plus tôt dans la conversation
thread-no-replies = Pas encore de réponse
thread-how-to-answer = Pour répondre, connectez-vous avec votre application et cherchez-y l’adresse de cette page.

## Profils
account-bot = Robot
account-locked = Approuve ses abonnés
field-verified = Lien vérifié le
label-statuses = { $n ->
    [one] pouet
   *[other] pouets
}
label-following = { $n ->
    [one] abonnement
   *[other] abonnements
}
label-followers = { $n ->
    [one] abonné
   *[other] abonnés
}
count-followers = { $n ->
    [one] { $count } abonné
   *[other] { $count } abonnés
}
profile-since = Ici depuis
profile-statuses = Pouets
profile-follow = Suivre { $name }
profile-follow-how = Où que soit votre compte dans le fédivers, cherchez cet identifiant dans votre application et abonnez-vous :

## Explorer
explore-title = Explorer
explore-intro = Ce que beaucoup de gens différents reprennent, d’après ce que { $name } connaît du fédivers.
explore-among-intro = Ce que les personnes que vous suivez ont repris ces deux derniers jours, compté à l’instant et gardé nulle part.
explore-tabs = Les tendances de qui
explore-everybody = Tout le monde
explore-among = Parmi les personnes que vous suivez
explore-tags = Mots-dièse
explore-links = Liens
explore-statuses = Pouets
explore-empty = Aucune tendance pour l’instant. Il faut quelques personnes qui parlent de la même chose.
explore-among-empty = Aucun sujet n’a été repris récemment par deux des personnes que vous suivez.
explore-people = { $n ->
    [one] { $count } personne en deux jours
   *[other] { $count } personnes en deux jours
}
explore-followed = { $n ->
    [one] { $count } personne que vous suivez
   *[other] { $count } personnes que vous suivez
}
explore-week = Personnes par jour, du plus ancien au plus récent : { $name }
explore-how = Chaque personne compte une fois par jour, et aucune plus qu’une autre. Rien ici ne dépend de qui vous êtes.

## Annuaire
directory-title = Les membres de { $name }
directory-link = Les membres de { $name }
directory-intro = Les membres qui veulent être trouvés. Qui préfère ne pas l’être n’apparaît pas ici.
directory-tabs = Dans quel ordre
directory-active = Derniers à avoir publié
directory-new = Derniers arrivés
directory-empty = Personne n’est encore inscrit à l’annuaire.
directory-first = Revenir au début
directory-next = D’autres personnes

## Chiffres pour les auteurs
analytics-link = Vos chiffres
analytics-title = Vos pouets en chiffres
analytics-intro = Comptés sur ce serveur seulement, en sommes par jour. Personne ne sait qui a lu quoi, pas même vous.
analytics-spans = Quels jours
analytics-span = { $n ->
    [one] { $count } jour
   *[other] { $count } jours
}
analytics-none = Rien à signaler pour ces jours.
analytics-few = moins de 5
analytics-impressions = Affichages
analytics-engagements = Interactions
analytics-statuses = Pouets
analytics-quotes = Citations
analytics-impressions-days = Affichages par jour
analytics-engagements-days = Interactions par jour
analytics-bar = { $day } : { $count }
analytics-chart = { $what }. Le plus le { $most }.
analytics-rows = Ce que les gens ont fait
analytics-openings = Ont ouvert le pouet
analytics-media = Ont ouvert une image, une vidéo ou un son
analytics-profile = Sont allés voir votre profil
analytics-followed = Ont suivi un lien
analytics-favourites = Favoris
analytics-reblogs = Partages
analytics-replies = Réponses
analytics-sum = Interactions en tout
analytics-off = non compté
analytics-by-day = Chiffres par jour
analytics-file = Ces chiffres dans un fichier (CSV)
analytics-day = Jour
analytics-one = Ce pouet en chiffres
analytics-only-you = Vous seul·e voyez ceci.
analytics-detail = En détail
analytics-all = Vos chiffres, jour par jour
analytics-links-title = Clics sur les liens
analytics-links-box = Compter les clics sur les liens de mes pouets
analytics-links-text = Sur les pages de ce serveur, les liens de vos pouets passent alors par lui ; leur destination reste affichée. Rien ne change pour les applications et les autres serveurs.
analytics-save = Enregistrer
analytics-saved = Enregistré.
analytics-how-title = Comment on compte
analytics-how = Une même personne compte une fois par heure ; vous et les programmes ne comptez pas. Moins de cinq lectures s’écrivent « moins de 5 » et restent hors des totaux, pour que nul ne devine de qui il s’agit. Sur plusieurs pouets ou plusieurs jours, ces petits nombres s’additionnent par cinq. Les pouets réservés aux abonnés ou aux personnes mentionnées ne sont pas comptés du tout.

## Mots-dièse
tag-intro = Les pouets publics portant ce mot-dièse que cette instance connaît.

## Collections
collection-by = Recommandée par
collection-members = Qui en fait partie
collection-nobody = Personne pour le moment.
collection-sensitive = Leurs publications peuvent être sensibles. Afficher qui en fait partie

## Recherche
search-title = Recherche
search-field = Mots, nom, mot-dièse ou adresse
search-button = Chercher
search-visitors = Connectez-vous pour chercher des pouets. Sans compte, on trouve des personnes et des mots-dièse.
search-people = Personnes
search-tags = Mots-dièse
search-statuses = Pouets
search-sort = Ordre
search-newest = Plus récents d’abord
search-relevance = Plus pertinents d’abord
search-help = Comment chercher
search-help-words = Les pouets doivent contenir tous les mots. Les majuscules et les accents ne comptent pas. Vous trouvez les pouets publics des personnes qui le permettent, et tout ce que vous avez écrit, marqué, partagé ou qui vous mentionne. Les plus récents viennent d’abord ou, parmi les 500 plus récents qui conviennent, les plus pertinents.
search-sample-phrase = bonne journée
search-sample-word = pluie
search-help-phrase = ces mots côte à côte
search-help-not = sans ce mot ; vaut aussi devant tout ce qui suit
search-help-from = de vous, ou de cette personne
search-help-has = avec un fichier joint quelconque ou de ce genre, un sondage, un lien, un lien vers une page avec un lecteur, une citation
search-help-is = qui répond à un autre, est marqué comme sensible, a été écrit ici, a été modifié
search-help-lang = dans cette langue
search-help-dates = avant, après ou pendant ce jour, ce mois ou cette année (UTC)
search-help-sort = les plus pertinents d’abord, dans les applications aussi
search-help-in = seulement ce qui vous concerne, ou seulement ce qui est public

## À propos
about-title = À propos de { $name }
about-network-title = Une part du fédivers
about-network = Voici l’un des nombreux serveurs indépendants qui se parlent entre eux. Les personnes inscrites ici peuvent suivre celles d’autres serveurs, leur répondre et être suivies par elles, et réciproquement.
about-data = Les pouets publics sont visibles de tout le monde. Ni pistage ni publicité ; des cookies seulement pour rester connecté et retenir votre langue.
about-software-title = Logiciel
about-software = Ce serveur fonctionne avec Pouet { $name }, logiciel libre sous licence AGPL 3.0.

## Connexion et inscription
sign-in-title = Se connecter
sign-in-for-app = { $name } vous demande d’abord de vous connecter.
sign-in-no-account = Pas encore de compte ?
sign-up-title = Créer un compte
sign-up-closed = Cette instance n’accepte pas de nouveau compte pour le moment.
sign-up-have-account = Déjà membre ?
sign-up-pending-title = Merci
sign-up-pending-text = La modération va lire votre demande. Vous pourrez vous connecter dès qu’elle sera acceptée.
field-login = Nom d’utilisateur ou adresse e-mail
field-username = Nom d’utilisateur
field-username-hint = Lettres, chiffres et tirets bas. Il fait partie de votre identifiant et ne peut pas être changé.
field-email = Adresse e-mail
field-email-hint = Jamais montrée à personne.
field-owner-email-hint = Pour se connecter, et comme contact public de cette instance.
field-password = Mot de passe
field-password-hint = Au moins 8 caractères. Quelques mots sans rapport entre eux conviennent bien.
field-reason = Pourquoi souhaitez-vous vous inscrire ?
field-agreement = J’ai lu les règles et je les respecterai
field-instance-title = Nom de l’instance
field-instance-title-hint = Affiché sur chaque page. Pour le changer plus tard : pouet admin instance set --title

## Mise en route
setup-title = Mettre en route cette instance
setup-intro = Cette page crée le compte du propriétaire. Elle ne sert qu’une fois.
setup-submit = Créer le compte du propriétaire
setup-used-title = Déjà en route
setup-used-text = Ce lien a déjà servi ou n’est pas valable. Tant qu’il n’y a pas de propriétaire, le serveur affiche le bon à chaque démarrage.

## Applications
consent-page = Autoriser une application
consent-title = demande l’accès à votre compte
consent-website = Site web
consent-destination = Vous renvoie vers
consent-code = Nulle part : un code à copier vous sera montré
consent-scopes = L’application pourra
consent-unverified = Les applications choisissent leur nom, et personne ne l’a vérifié. N’autorisez que ce que vous venez d’ouvrir vous-même. Vous pourrez retirer l’accès à tout moment.
consent-admin = Je comprends que cette application pourra agir sur les comptes d’autres personnes et sur l’instance elle-même
consent-authorize = Autoriser
consent-deny = Refuser
consent-denied-title = Accès refusé
consent-denied-text = L’application n’a aucun accès. Vous pouvez fermer cette page.
code-title = Votre code
code-intro = Copiez ce code et collez-le dans l’application :
code-warning = Il sert une fois, pendant dix minutes. Ne le donnez à personne : qui l’a peut utiliser votre compte.
apps-title = Applications autorisées
apps-intro = Ces applications peuvent utiliser votre compte. Retirer l’accès déconnecte l’application aussitôt.
apps-none = Aucune application n’a accès à votre compte.
apps-since = Depuis le
apps-used = vue pour la dernière fois le
apps-revoke = Retirer
apps-revoke-one = Retirer l’accès de { $name }
home-title = Vous voilà chez vous
home-alerts = { $n ->
    [one] Il y a { $count } signe d’attention achetée. Il est expliqué par
   *[other] Il y a { $count } signes d’attention achetée. Ils sont expliqués par
}
home-profile = Votre profil
home-apps-title = À utiliser avec une application
home-apps-intro = Toute application faite pour Mastodon fonctionne ici. Choisissez-en une et, quand elle demande votre serveur, entrez
platform-android = Android
platform-apple = iPhone, iPad, Mac
platform-web = Dans le navigateur
platform-desktop = Linux, Windows
platform-phones = Android, iPhone

## Ce que permettent les accès
scope-read = Lire tout ce que contient votre compte
scope-read-part = Lire cette partie de votre compte
scope-read-accounts = Voir les profils
scope-read-blocks = Voir qui vous bloquez
scope-read-bookmarks = Voir vos marque-pages
scope-read-favourites = Voir vos favoris
scope-read-filters = Voir vos filtres
scope-read-follows = Voir qui vous suivez
scope-read-lists = Voir vos listes
scope-read-mutes = Voir qui vous masquez
scope-read-notifications = Voir vos notifications
scope-read-search = Chercher en votre nom
scope-read-statuses = Voir tous les pouets que vous pouvez voir
scope-write = Modifier tout ce que contient votre compte
scope-write-part = Modifier cette partie de votre compte
scope-write-accounts = Modifier votre profil
scope-write-blocks = Bloquer des personnes et des instances
scope-write-bookmarks = Poser des marque-pages
scope-write-conversations = Masquer et supprimer des conversations
scope-write-favourites = Ajouter des favoris
scope-write-filters = Modifier vos filtres
scope-write-follows = Suivre des personnes
scope-write-lists = Modifier vos listes
scope-write-media = Envoyer des fichiers
scope-write-mutes = Masquer des personnes et des conversations
scope-write-notifications = Effacer vos notifications
scope-write-reports = Signaler des personnes
scope-write-statuses = Publier et supprimer des pouets en votre nom
scope-follow = Changer qui vous suivez, bloquez et masquez
scope-push = Recevoir vos notifications
scope-profile = Voir qui vous êtes
scope-admin-read = Lire les données des comptes d’autres personnes, en administration
scope-admin-write = Agir sur les comptes d’autres personnes, en administration
scope-other = Utiliser une autre partie de votre compte

## Erreurs
error-403-title = Ce n’est pas permis
error-403-text = Vous ne pouvez pas faire cela. Si vous venez d’un formulaire, revenez en arrière, rechargez la page et réessayez.
error-404-title = Rien ici
error-404-text = La page n’existe pas, ou n’est pas pour tout le monde.
error-410-title = Disparu
error-410-text = Ce qui était ici a été supprimé.
error-422-title = Cela n’a pas marché
error-422-text = Il manquait quelque chose à la demande, ou quelque chose n’était pas valable.
error-429-title = Trop d’essais
error-429-text = Veuillez patienter quelques minutes et réessayer.
error-400-title = La demande n’a pas de sens
error-400-text = L’application qui vous a envoyé ici a fait une erreur. Rien n’a été changé ni ne lui a été envoyé.
error-400-redirect = L’application demande une réponse à une adresse qu’elle n’a pas enregistrée. Rien n’y a été envoyé.
error-400-client = L’application qui vous a envoyé ici n’est pas connue de cette instance.
error-400-scope = L’application demande plus que ce pour quoi elle s’est enregistrée. Rien ne lui a été envoyé.
error-500-title = C’est de notre faute
error-500-text = Quelque chose s’est cassé sur ce serveur. C’est inscrit dans son journal.
error-503-title = Pas maintenant
error-503-text = Le serveur est occupé. Veuillez réessayer dans un instant.

## Reproches aux formulaires
wrong-login = Le nom ou le mot de passe n’est pas le bon.
wrong-account-inactive = Ce compte ne peut pas être utilisé : il attend d’être accepté ou a été désactivé.
wrong-too-many = Trop d’essais. Veuillez patienter quelques minutes.
wrong-username = Lettres, chiffres et tirets bas seulement, 30 au plus.
wrong-username-taken = Ce nom est déjà pris.
wrong-username-reserved = Ce nom est réservé.
wrong-email = Ce n’est pas une adresse e-mail valable.
wrong-email-taken = Cette adresse ne peut pas être utilisée.
wrong-password-short = Trop court : 8 caractères au moins.
wrong-password-long = Trop long.
wrong-password-weak = Trop facile à deviner.
wrong-reason = Veuillez dire pourquoi vous souhaitez vous inscrire.
wrong-agreement = Veuillez accepter les règles.
wrong-title = Veuillez donner un nom à l’instance.
wrong-other = Ce n’est pas valable.
wrong-confirm-admin = Cochez la case pour l’autoriser.
